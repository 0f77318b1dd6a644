import type { Database, Statement } from 'better-sqlite3';
import type { Measurement } from '../measure/measurement.js';
import { fromColumns, type TimingColumns, toColumns } from './timing.js';

/** What a copy was timed for. */
export interface YardstickKey {
  /** A problem's name, batch included. */
  readonly problem: string;
  readonly machine: string;
  readonly threads: number;
}

/** The table of yardsticks: the time of copying a problem's input to an output-sized buffer. */
export class Yardsticks {
  readonly #put: Statement<[object]>;
  readonly #latest: Statement<[YardstickKey], TimingColumns>;

  constructor(db: Database) {
    this.#put = db.prepare(`
      INSERT OR REPLACE INTO yardstick
        (problem, machine_id, threads, session_id, samples, median, spread, repetitions, stop, measured)
      VALUES (@problem, @machine, @threads, @session, @samples, @median, @spread, @repetitions, @stop, @measured)`);
    this.#latest = db.prepare(`
      SELECT yardstick.* FROM yardstick JOIN machine ON machine.id = yardstick.machine_id
      WHERE problem = @problem AND machine.name = @machine AND threads = @threads
      ORDER BY session_id DESC LIMIT 1`);
  }

  put(
    { problem, threads }: YardstickKey,
    machine: number,
    session: number,
    copy: Measurement,
    measured: string,
  ) {
    this.#put.run({ problem, threads, machine, session, measured, ...toColumns(copy) });
  }

  /** The last session's. */
  latest({ problem, machine, threads }: YardstickKey): Measurement | undefined {
    const row = this.#latest.get({ problem, machine, threads });
    return row && fromColumns(row);
  }
}
