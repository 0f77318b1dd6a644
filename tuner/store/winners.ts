import type { Database } from 'better-sqlite3';
import type { ClockRange } from '../measure/clock_range.js';
import type { Measurement } from '../measure/measurement.js';
import { where } from './filter.js';
import type { Finalist, StoredFinal } from './finals.js';
import { fromColumns } from './timing.js';
import type { MeasuredTrial, Trial, TrialFilter } from './trial.js';
import { isMeasured, TRIAL_COLUMNS, TRIAL_TABLES, type TrialRow, toTrial } from './trials.js';

/** The best kernel for one problem with one target, machine, toolchain and number of threads. */
export interface Winner {
  readonly kind: 'winner';
  readonly trial: MeasuredTrial;
  /** Of the final, where one was held; the trial's own otherwise. */
  readonly measurement: Measurement;
  /** When that was measured. ISO 8601, UTC. */
  readonly measured: string;
  /** Whether a final was held. */
  readonly final: boolean;
  /** The default schedule's, of the same final; of its trial where none was held; undefined if it has none. */
  readonly default: Measurement | undefined;
  /** The copy's, of the same final; undefined where none was held. */
  readonly copy: Measurement | undefined;
  /** The version of the schedules that the final chose from; undefined where none was held or it was not recorded. */
  readonly space: string | undefined;
  /** How the GPU fared in the final; undefined where none was held or its driver did not tell. */
  readonly clocks: ClockRange | undefined;
}

/** A sound trial's row with its measurement in its context's last final, if it took part. */
export interface RankedRow extends TrialRow {
  readonly final_id: number | null;
  readonly final_session: number;
  readonly final_samples: string;
  readonly final_repetitions: number;
  readonly final_stop: string;
  readonly place: number | null;
  readonly retaken: number | null;
  readonly space: string | null;
  readonly clocks: string | null;
  readonly copy_samples: string;
  readonly copy_repetitions: number;
  readonly copy_stop: string;
  readonly measured: string;
}

const CONTEXT = 'trial.problem, trial.target, trial.machine_id, trial.toolchain_id, trial.threads';

/**
 * The winner of each context, from the rows of {@link ranking}. Times of trials were taken minutes apart, those of
 * a final in turn. So the last final decides; trials outside it only come in where none of its kernels is eligible
 * or none was held.
 * @param eligible passes over trials that are of no more use, as of a source that the generator no longer emits
 */
export function winners(rows: readonly RankedRow[], eligible: (trial: Trial) => boolean): readonly Winner[] {
  const found = new Map<string, { best?: Ranked; fallback?: Ranked }>();
  for (const row of rows) {
    const context = JSON.stringify([
      row.problem,
      row.target,
      row.machine,
      row.compiler,
      row.flags,
      row.threads,
    ]);
    const group = found.get(context) ?? {};
    found.set(context, group);
    if (group.best && (group.fallback || row.is_default === 0)) continue;
    const ranked = toRanked(row);
    if (!ranked || !eligible(ranked.trial)) continue;
    group.best ??= ranked;
    // A trial's time does not compare with a final's.
    if (ranked.trial.isDefault && ranked.final === group.best.final) group.fallback ??= ranked;
  }
  return [...found.values()].flatMap(({ best, fallback }) =>
    best ? [Object.freeze({ kind: 'winner', ...best, default: fallback?.measurement })] : [],
  );
}

/** The finals of the rows of {@link ranking}. */
export function finals(rows: readonly RankedRow[]): readonly StoredFinal[] {
  const found = new Map<number, StoredFinal & { readonly finalists: Finalist[] }>();
  for (const row of rows) {
    const ranked = toRanked(row);
    if (row.final_id === null || !ranked?.copy) continue;
    const { trial, measurement, copy, measured } = ranked;
    const notes = {
      placed: row.place !== null,
      retaken: row.retaken ?? undefined,
      space: row.space ?? undefined,
      clocks: clocksOf(row),
    };
    const final = found.get(row.final_id) ?? {
      ...{ finalists: [], copy, measured, session: row.final_session },
      ...notes,
    };
    found.set(row.final_id, final);
    final.finalists.push({ key: trial, measurement });
  }
  return [...found.values()];
}

type Ranked = Omit<Winner, 'kind' | 'default'>;

/** Sound trials, context by context, best first. */
export function ranking(db: Database, filter: TrialFilter): readonly RankedRow[] {
  const { sql, values } = where({ ...filter, verdict: 'ok' });
  return db
    .prepare<[object], RankedRow>(
      `WITH held AS (
         SELECT finalist.*, final.measured, final.retaken, final.space, final.clocks, final.session_id AS final_session,
           final.samples AS copy_samples, final.repetitions AS copy_repetitions, final.stop AS copy_stop,
           rank() OVER (PARTITION BY ${CONTEXT}
             ORDER BY final.measured DESC, final.session_id DESC, final.id DESC) AS age
         FROM finalist JOIN final ON final.id = finalist.final_id JOIN trial ON trial.id = finalist.trial_id)
       SELECT ${TRIAL_COLUMNS}, held.final_id, held.final_session, held.samples AS final_samples,
         held.repetitions AS final_repetitions, held.stop AS final_stop,
         held.copy_samples, held.copy_repetitions, held.copy_stop, held.measured, held.place, held.retaken, held.space,
         held.clocks
       FROM ${TRIAL_TABLES} LEFT JOIN held ON held.trial_id = trial.id AND held.age = 1
       WHERE ${sql}
       ORDER BY ${CONTEXT}, held.median IS NULL, held.place, coalesce(held.median, trial.median), trial.kernel,
         trial.id`,
    )
    .all(values);
}

function toRanked(row: RankedRow): Ranked | undefined {
  const trial = toTrial(row);
  if (!isMeasured(trial)) return undefined;
  if (row.final_id === null) {
    const { measurement } = trial.outcome;
    const none = { copy: undefined, space: undefined, clocks: undefined };
    return { trial, measurement, measured: trial.finished, final: false, ...none };
  }
  return {
    trial,
    measurement: fromColumns({
      samples: row.final_samples,
      repetitions: row.final_repetitions,
      stop: row.final_stop,
    }),
    measured: row.measured,
    final: true,
    space: row.space ?? undefined,
    clocks: clocksOf(row),
    copy: fromColumns({ samples: row.copy_samples, repetitions: row.copy_repetitions, stop: row.copy_stop }),
  };
}

function clocksOf({ clocks }: RankedRow): ClockRange | undefined {
  return clocks === null ? undefined : (JSON.parse(clocks) as ClockRange);
}
