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

/** The table of sessions. */
export class Sessions {
  readonly #begin: Statement<[object]>;
  readonly #end: Statement<[ended: string, id: number]>;
  readonly #all: Statement<[], SessionRecord>;

  constructor(db: Database) {
    this.#begin = db.prepare(`
      INSERT INTO session (host, pid, process_start, started, version, search, seed)
      VALUES (@host, @pid, @processStart, @started, @version, @search, @seed)`);
    this.#end = db.prepare('UPDATE session SET ended = ? WHERE id = ? AND ended IS NULL');
    this.#all = db.prepare(
      'SELECT id, host, pid, started, ended, version, search, seed FROM session ORDER BY id',
    );
  }

  begin(run: Run, claimant: Claimant, started: string): number {
    return Number(this.#begin.run({ ...run, ...claimant, started }).lastInsertRowid);
  }

  end(id: number, ended: string): void {
    this.#end.run(ended, id);
  }

  all(): readonly SessionRecord[] {
    return this.#all.all().map((record) => Object.freeze(record));
  }
}
