import type { Database, Statement } from 'better-sqlite3';
import type { ClockRange } from '../measure/clock_range.js';
import type { Measurement } from '../measure/measurement.js';
import { toColumns } from './timing.js';
import type { TrialKey } from './trial.js';

/** A kernel that has its trial, and what it took when it was timed once more, in turn with others. */
export interface Finalist {
  readonly key: TrialKey;
  readonly measurement: Measurement;
}

/** What is told of a final beside its times. */
export interface FinalNotes {
  /** Rounds that were disturbed, and so made again; undefined where that was not looked at. */
  readonly retaken?: number | undefined;
  /** How the GPU fared meanwhile; undefined where its driver did not tell. */
  readonly clocks?: ClockRange | undefined;
  /** Whether its finalists are listed best first, by how they compare round by round; the fastest comes first if not. */
  readonly placed?: boolean | undefined;
  /** The version of the schedules that it chose from, see spaceVersion; undefined where it was not recorded. */
  readonly space?: string | undefined;
}

/** A few kernels of one problem, timed in turn with each other and with the copy, so that they compare. */
export interface HeldFinal extends FinalNotes {
  /** Best first. */
  readonly finalists: readonly Finalist[];
  readonly copy: Measurement;
  /** ISO 8601, UTC. */
  readonly measured: string;
}

/** A final as the store keeps it. */
export interface StoredFinal extends HeldFinal {
  /** The session that held it. */
  readonly session: number;
}

/** The tables of finals and of those who were in them. */
export class Finals {
  readonly #add: Statement<[object]>;
  readonly #enter: Statement<[object]>;
  readonly #has: Statement<[trial: number, measured: string], number>;

  constructor(db: Database) {
    this.#add = db.prepare(`
      INSERT INTO final (session_id, samples, median, spread, repetitions, stop, measured, retaken, space, clocks)
      VALUES (@session, @samples, @median, @spread, @repetitions, @stop, @measured, @retaken, @space, @clocks)`);
    this.#enter = db.prepare(`
      INSERT INTO finalist (final_id, trial_id, samples, median, spread, repetitions, stop, place)
      VALUES (@final, @trial, @samples, @median, @spread, @repetitions, @stop, @place)`);
    this.#has = db
      .prepare<[trial: number, measured: string], number>(
        `SELECT 1 FROM finalist JOIN final ON final.id = finalist.final_id
         WHERE finalist.trial_id = ? AND final.measured = ? LIMIT 1`,
      )
      .pluck();
  }

  /** Begins a final with its copy's time; returns its id. */
  add(session: number, { copy, measured, retaken, space, clocks }: Omit<HeldFinal, 'finalists'>): number {
    const row = {
      ...{ session, measured, retaken: retaken ?? null, space: space ?? null },
      clocks: clocks ? JSON.stringify(clocks) : null,
      ...toColumns(copy),
    };
    return Number(this.#add.run(row).lastInsertRowid);
  }

  /** @param place from 1 on, where the finalists have places */
  enter(final: number, trial: number, measurement: Measurement, place: number | undefined): void {
    this.#enter.run({ final, trial, place: place ?? null, ...toColumns(measurement) });
  }

  /** Whether a trial's kernel was in a final of that moment. */
  has(trial: number, measured: string): boolean {
    return this.#has.get(trial, measured) !== undefined;
  }
}
