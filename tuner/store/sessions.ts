import type { Database, Statement } from 'better-sqlite3';
import type { Claimant } from '../../generator/claimant.js';

/** What a tuner says of itself when it starts. */
export interface Run {
  /** This package's version. */
  readonly version: string;
  /** The search's name. */
  readonly search: string;
  readonly seed: number;
}

/** One run of a tuner, as the store keeps it. */
export interface SessionRecord extends Run {
  readonly id: number;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** Null while it runs, and for good if it was killed. */
  readonly ended: string | null;
}

/** Where a session came from, as another store knows it, too. */
export type SessionOrigin = Omit<SessionRecord, 'id'>;

/** The table of sessions. */
export class Sessions {
  readonly #begin: Statement<[object]>;
  readonly #end: Statement<[ended: string, id: number]>;
  readonly #all: Statement<[], SessionRecord>;
  readonly #same: Statement<[SessionOrigin], number>;
  readonly #adopt: Statement<[SessionOrigin]>;

  constructor(db: Database) {
    this.#begin = db.prepare(`
      INSERT INTO session (host, pid, process_start, started, version, search, seed)
      VALUES (@host, @pid, @processStart, @started, @version, @search, @seed)`);
    this.#end = db.prepare('UPDATE session SET ended = ? WHERE id = ? AND ended IS NULL');
    this.#all = db.prepare(
      'SELECT id, host, pid, started, ended, version, search, seed FROM session ORDER BY id',
    );
    this.#same = db
      .prepare<[SessionOrigin], number>(
        `SELECT id FROM session WHERE host = @host AND pid = @pid AND started = @started
         AND version = @version AND search = @search AND seed = @seed`,
      )
      .pluck();
    this.#adopt = db.prepare(`
      INSERT INTO session (host, pid, process_start, started, ended, version, search, seed)
      VALUES (@host, @pid, NULL, @started, @ended, @version, @search, @seed)`);
  }

  begin(run: Run, claimant: Claimant, started: string): number {
    return Number(this.#begin.run({ ...run, ...claimant, started }).lastInsertRowid);
  }

  /** The id of a session of another store, added if it is not here; what has ended there has ended here. */
  adopt(origin: SessionOrigin): number {
    const id = this.#same.get(origin);
    if (id === undefined) return Number(this.#adopt.run(origin).lastInsertRowid);
    if (origin.ended !== null) this.#end.run(origin.ended, id);
    return id;
  }

  end(id: number, ended: string): void {
    this.#end.run(ended, id);
  }

  all(): readonly SessionRecord[] {
    return this.#all.all().map((record) => Object.freeze(record));
  }
}
