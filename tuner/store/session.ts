import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.js';
import type { Measurement } from '../measure/measurement.js';
import { guarded } from './failure.js';
import type { Finalist, FinalNotes, HeldFinal } from './finals.js';
import type { Tables } from './tables.js';
import type { TrialKey, TrialReport } from './trial.js';
import type { World } from './world.js';

/** The answer to a claim: it is this session's now, another has it open, or its trial has been made. */
export type Claim = 'claimed' | 'busy' | 'finished';

/**
 * One run of a tuner: all that is written into a store is written by a session, in transactions that hold the
 * database from their first statement on. Every method throws StoreError.
 */
export class Session {
  readonly id: number;
  readonly #db: Database;
  readonly #tables: Tables;
  readonly #world: World;

  constructor(db: Database, tables: Tables, world: World, id: number) {
    this.#db = db;
    this.#tables = tables;
    this.#world = world;
    this.id = id;
  }

  /** Hands a key to this session if it has no trial and no living claim, and renews the session's other claims. */
  claim(key: TrialKey): Claim {
    const { claims, trials, keys } = this.#tables;
    return this.#write(() => {
      claims.renew(this.id);
      const bound = keys.bind(key);
      if (trials.id(bound) !== undefined) return 'finished';
      if (claims.isHeld(bound)) return 'busy';
      claims.take(bound, this.id);
      return 'claimed';
    });
  }

  /** A sign of life, due well within every LEASE while no other call gives one. */
  renew(): void {
    this.#write(() => this.#tables.claims.renew(this.id));
  }

  /**
   * Writes a trial and ends its claim. Of two trials with one key the first stays.
   * @param finished ISO 8601, UTC, of a trial that was made in another store; now unless given
   * @returns whether this one was written
   */
  record(trial: TrialReport, finished: string = this.#time()): boolean {
    const { claims, keys, trials } = this.#tables;
    return this.#write(() => {
      claims.renew(this.id);
      const key = keys.bind(trial);
      claims.drop(key);
      return trials.add(key, trial, this.id, finished);
    });
  }

  /** Writes a final of kernels of one problem, with the copy that was timed beside them: all or nothing. */
  recordFinal(finalists: readonly Finalist[], copy: Measurement, notes: FinalNotes = {}): void {
    this.#write(() => {
      this.#tables.claims.renew(this.id);
      this.#addFinal({ ...notes, finalists, copy, measured: this.#time() });
    });
  }

  /** Writes a final that was held in another store; see Store.hasFinal. */
  takeOver(final: HeldFinal): void {
    this.#write(() => this.#addFinal(final));
  }

  /** Gives back what is still claimed. Closing the store does so as well. */
  end(): void {
    this.#write(() => {
      this.#tables.claims.dropAll(this.id);
      this.#tables.sessions.end(this.id, this.#time());
    });
  }

  #addFinal({ finalists, ...held }: HeldFinal): void {
    const { finals } = this.#tables;
    const final = finals.add(this.id, held);
    for (const [i, { key, measurement }] of finalists.entries())
      finals.enter(final, this.#trial(key), measurement, held.placed ? i + 1 : undefined);
  }

  #trial(key: TrialKey): number {
    const { keys, trials } = this.#tables;
    const trial = trials.id(keys.bind(key));
    if (trial !== undefined) return trial;
    throw new StoreError(
      {
        code: 'final-without-trial',
        value: key.kernel,
        rule: 'only a kernel that has a trial can be in a final',
        remedy: 'this is a defect of the tuner',
      },
      'system',
    );
  }

  #write<T>(action: () => T): T {
    return guarded(this.#db.name, () => this.#db.transaction(action).immediate());
  }

  #time(): string {
    return new Date(this.#world.now()).toISOString();
  }
}
