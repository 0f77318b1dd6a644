import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.js';
import type { Measurement } from '../measure/measurement.js';
import type { World } from './claimant.js';
import { guarded } from './failure.js';
import type { Tables } from './tables.js';
import type { TrialKey, TrialReport } from './trial.js';
import type { YardstickKey } from './yardsticks.js';

/** The answer to a claim. */
export type Claim<K extends TrialKey> =
  | { readonly kind: 'claimed'; readonly key: K }
  /** Nothing is free, but others have claims open: their trials may come, or fall free. */
  | { readonly kind: 'busy' }
  /** Every key has its trial. */
  | { readonly kind: 'finished' };

/** A kernel that has its trial, and what it took when it was timed once more, in turn with others. */
export interface Finalist {
  readonly key: TrialKey;
  readonly measurement: Measurement;
}

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

  /**
   * Hands the first of these keys to this session that has no trial and no living claim, and renews the session's
   * other claims. A key may be any object that holds one, such as a candidate.
   */
  claim<K extends TrialKey>(keys: readonly K[]): Claim<K> {
    const { claims, trials, keys: names } = this.#tables;
    return this.#write(() => {
      claims.renew(this.id);
      let kind: 'busy' | 'finished' = 'finished';
      for (const key of keys) {
        const bound = names.bind(key);
        if (trials.id(bound) !== undefined) continue;
        if (claims.isHeld(bound)) {
          kind = 'busy';
          continue;
        }
        claims.take(bound, this.id);
        return { kind: 'claimed', key };
      }
      return { kind };
    });
  }

  /** A sign of life, due well within every LEASE while no other call gives one. */
  renew(): void {
    this.#write(() => this.#tables.claims.renew(this.id));
  }

  /**
   * Writes a trial and ends its claim. Of two trials with one key the first stays.
   * @returns whether this one was written
   */
  record(trial: TrialReport): boolean {
    const { claims, keys, trials } = this.#tables;
    return this.#write(() => {
      claims.renew(this.id);
      const key = keys.bind(trial);
      claims.drop(key);
      return trials.add(key, trial, this.id, this.#time());
    });
  }

  /** Writes the session's final for these kernels: all or none. */
  recordFinal(finalists: readonly Finalist[]): void {
    const { claims, finals, keys, trials } = this.#tables;
    this.#write(() => {
      claims.renew(this.id);
      for (const { key, measurement } of finalists) {
        const trial = trials.id(keys.bind(key));
        if (trial === undefined) throw this.#withoutTrial(key);
        finals.put(trial, this.id, measurement, this.#time());
      }
    });
  }

  recordYardstick(key: YardstickKey, copy: Measurement): void {
    const { keys, yardsticks } = this.#tables;
    this.#write(() => yardsticks.put(key, keys.machineId(key.machine), this.id, copy, this.#time()));
  }

  /** Gives back what is still claimed. Closing the store does so as well. */
  end(): void {
    this.#write(() => {
      this.#tables.claims.dropAll(this.id);
      this.#tables.sessions.end(this.id, this.#time());
    });
  }

  #write<T>(action: () => T): T {
    return guarded(this.#db.name, () => this.#db.transaction(action).immediate());
  }

  #time(): string {
    return new Date(this.#world.now()).toISOString();
  }

  #withoutTrial({ kernel }: TrialKey): StoreError {
    return new StoreError(
      {
        code: 'final-without-trial',
        value: kernel,
        rule: 'only a kernel that has a trial can be in a final',
        remedy: 'this is a defect of the tuner',
      },
      'system',
    );
  }
}
