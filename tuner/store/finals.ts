import type { Database, Statement } from 'better-sqlite3';
import type { Measurement } from '../measure/measurement.js';
import { toColumns } from './timing.js';

/** The table of finals: the best of a session, timed once more in turn so that their medians compare. */
export class Finals {
  readonly #put: Statement<[object]>;

  constructor(db: Database) {
    this.#put = db.prepare(`
      INSERT OR REPLACE INTO final (trial_id, session_id, samples, median, spread, repetitions, stop, measured)
      VALUES (@trial, @session, @samples, @median, @spread, @repetitions, @stop, @measured)`);
  }

  put(trial: number, session: number, measurement: Measurement, measured: string): void {
    this.#put.run({ trial, session, measured, ...toColumns(measurement) });
  }
}
