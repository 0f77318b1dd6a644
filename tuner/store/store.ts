import { resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Verdict } from '../outcome.js';
import { openDatabase } from './database.js';
import { guarded } from './failure.js';
import type { HeldFinal, StoredFinal } from './finals.js';
import { openToRead } from './reading.js';
import { Session } from './session.js';
import type { Run, SessionOrigin, SessionRecord } from './sessions.js';
import { type Tables, tables } from './tables.js';
import type { Trial, TrialFilter, TrialKey } from './trial.js';
import { finals, ranking, type Winner, winners } from './winners.js';
import { realWorld, type World } from './world.js';

/**
 * Every trial ever made, in one SQLite file, with where it comes from: session, machine, toolchain and source.
 *
 * A *session* is one run of a tuner. It *claims* a trial's key, so that no other session makes the same trial at the
 * same time, and *records* the trial when it has ended, however it ended. A trial is never changed afterwards and
 * never made twice. A *final* times a problem's best kernels once more, in turn with each other and with
 * the copy that they are held against.
 *
 * Any number of processes may have one store open. Every method throws StoreError.
 */
export class Store {
  readonly #db: Database;
  readonly #tables: Tables;
  readonly #world: World;
  readonly #sessions: Session[] = [];
  /** Absolute. */
  readonly path: string;

  /** @param path of the file, if the database is a copy of it in memory */
  constructor(db: Database, world: World, path = db.name) {
    this.#db = db;
    this.#world = world;
    this.path = path;
    this.#tables = guarded(path, () => tables(db, world));
  }

  begin(run: Run): Session {
    return guarded(this.path, () => {
      const started = new Date(this.#world.now()).toISOString();
      const id = this.#tables.sessions.begin(run, this.#world.self, started);
      const session = new Session(this.#db, this.#tables, this.#world, id);
      this.#sessions.push(session);
      return session;
    });
  }

  /** A session of another store, to record here what it did there. It is over, and so claims nothing. */
  adopt(origin: SessionOrigin): Session {
    return guarded(this.path, () => {
      const id = this.#tables.sessions.adopt(origin);
      return new Session(this.#db, this.#tables, this.#world, id);
    });
  }

  /** All that an action writes, or nothing of it if it throws; others wait for it. */
  together<T>(action: () => T): T {
    return guarded(this.path, () => this.#db.transaction(action).immediate());
  }

  sessions(): readonly SessionRecord[] {
    return guarded(this.path, () => this.#tables.sessions.all());
  }

  /** In the order in which they were recorded. */
  trials(filter: TrialFilter = {}): readonly Trial[] {
    return guarded(this.path, () => this.#tables.trials.select(filter));
  }

  /** The trial of a key, if it has been made. */
  find({ problem, kernel, sourceHash, toolchain, machine, threads }: TrialKey): Trial | undefined {
    return this.trials({ problem, kernel, sourceHash, toolchain, machine, threads })[0];
  }

  /** How many trials ended how. */
  counts(filter: TrialFilter = {}): Readonly<Record<Verdict, number>> {
    return guarded(this.path, () => this.#tables.trials.counts(filter));
  }

  /**
   * The best kernel of every problem, target, machine, toolchain and number of threads: by the last final, and by
   * the trials where none was held.
   * @param eligible leaves out trials that are of no more use, as of a source that the generator no longer emits
   */
  winners(filter: TrialFilter = {}, eligible: (trial: Trial) => boolean = () => true): readonly Winner[] {
    return guarded(this.path, () => winners(ranking(this.#db, filter), eligible));
  }

  /** The last final of every problem, target, machine, toolchain and number of threads. */
  finals(filter: TrialFilter = {}): readonly StoredFinal[] {
    return guarded(this.path, () => finals(ranking(this.#db, filter)));
  }

  /** Whether a final of that moment is here, of one of its kernels; each of them has a trial here. */
  hasFinal({ finalists, measured }: HeldFinal): boolean {
    const { finals, keys, trials } = this.#tables;
    return guarded(this.path, () =>
      finalists.some(({ key }) => finals.has(trials.id(keys.bind(key))!, measured)),
    );
  }

  /** Ends this store's sessions and lets go of the file. */
  close(): void {
    if (!this.#db.open) return;
    try {
      for (const session of this.#sessions) session.end();
    } finally {
      this.#db.close();
    }
  }
}

/**
 * Opens a store, and creates it if the file is absent or empty.
 * @throws StoreError if the file is not a store, is of a newer version, or cannot be read and written
 */
export function openStore(path: string): Store {
  return storeOver(openDatabase(path), path);
}

/**
 * Opens a store that is there for those who only read it: it need not be writable, and then nothing can be written.
 * @throws StoreError if the file is not a store, is of another version, or cannot be read
 */
export function openStoreToRead(path: string): Store {
  return storeOver(openToRead(path), path);
}

function storeOver(db: Database, path: string): Store {
  try {
    return new Store(db, realWorld(), resolve(path));
  } catch (cause) {
    db.close();
    throw cause;
  }
}
