import type { Database, Statement } from 'better-sqlite3';
import type { Measurement } from '../measure/measurement.js';
import { toColumns } from './timing.js';
import type { TrialKey } from './trial.js';

/** A kernel that has its trial, and what it took when it was timed once more, in turn with others. */
export interface Finalist {
  readonly key: TrialKey;
  readonly measurement: Measurement;
}

/** A few kernels of one problem, timed in turn with each other and with the copy, so that their medians compare. */
export interface HeldFinal {
  /** Fastest first. */
  readonly finalists: readonly Finalist[];
  readonly copy: Measurement;
  /** ISO 8601, UTC. */
  readonly measured: string;
}

/** The tables of finals and of those who were in them. */
export class Finals {
  readonly #add: Statement<[object]>;
  readonly #enter: Statement<[object]>;
  readonly #has: Statement<[trial: number, measured: string], number>;

  constructor(db: Database) {
    this.#add = db.prepare(`
      INSERT INTO final (session_id, samples, median, spread, repetitions, stop, measured)
      VALUES (@session, @samples, @median, @spread, @repetitions, @stop, @measured)`);
    this.#enter = db.prepare(`
      INSERT INTO finalist (final_id, trial_id, samples, median, spread, repetitions, stop)
      VALUES (@final, @trial, @samples, @median, @spread, @repetitions, @stop)`);
    this.#has = db
      .prepare<[trial: number, measured: string], number>(
        `SELECT 1 FROM finalist JOIN final ON final.id = finalist.final_id
         WHERE finalist.trial_id = ? AND final.measured = ? LIMIT 1`,
      )
      .pluck();
  }

  /** Begins a final with its copy's time; returns its id. */
  add(session: number, copy: Measurement, measured: string): number {
    return Number(this.#add.run({ session, measured, ...toColumns(copy) }).lastInsertRowid);
  }

  enter(final: number, trial: number, measurement: Measurement): void {
    this.#enter.run({ final, trial, ...toColumns(measurement) });
  }

  /** Whether a trial's kernel was in a final of that moment. */
  has(trial: number, measured: string): boolean {
    return this.#has.get(trial, measured) !== undefined;
  }
}
