import type { Database } from 'better-sqlite3';
import type { Measurement } from '../measure/measurement.js';
import { where } from './filter.js';
import type { Finalist } from './session.js';
import { fromColumns } from './timing.js';
import type { MeasuredTrial, Trial, TrialFilter } from './trial.js';
import { isMeasured, TRIAL_COLUMNS, TRIAL_TABLES, type TrialRow, toTrial } from './trials.js';

/** The best kernel for one problem with one target, machine, toolchain and number of threads. */
export interface Winner {
  readonly kind: 'winner';
  readonly trial: MeasuredTrial;
  /** Of the final, where one was held; the trial's own otherwise. */
  readonly measurement: Measurement;
  /** Whether a final was held. */
  readonly final: boolean;
  /** The default schedule's: of the final, if it took part; of its trial otherwise; undefined if it has none. */
  readonly default: Measurement | undefined;
}

/** A sound trial's row with its measurement in its context's last final, if it took part. */
export interface RankedRow extends TrialRow {
  readonly final_samples: string | null;
  readonly final_repetitions: number;
  readonly final_stop: string;
}

const CONTEXT = 'trial.problem, trial.target, trial.machine_id, trial.toolchain_id, trial.threads';

/**
 * The winner of each context, from the rows of {@link ranking}. Medians of trials were taken minutes apart, those of
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
    if (ranked.trial.isDefault) group.fallback ??= ranked;
  }
  return [...found.values()].flatMap(({ best, fallback }) =>
    best ? [Object.freeze({ kind: 'winner', ...best, default: fallback?.measurement })] : [],
  );
}

/** Who was in the finals, from the rows of {@link ranking}. */
export function finals(rows: readonly RankedRow[]): readonly Finalist[] {
  return rows
    .filter((row) => row.final_samples !== null)
    .flatMap((row) => {
      const ranked = toRanked(row);
      return ranked ? [{ key: ranked.trial, measurement: ranked.measurement }] : [];
    });
}

interface Ranked {
  readonly trial: MeasuredTrial;
  readonly measurement: Measurement;
  readonly final: boolean;
}

/** Sound trials, context by context, best first. */
export function ranking(db: Database, filter: TrialFilter): readonly RankedRow[] {
  const { sql, values } = where({ ...filter, verdict: 'ok' });
  return db
    .prepare<[object], RankedRow>(
      `WITH held AS (
         SELECT final.*, rank() OVER (PARTITION BY ${CONTEXT} ORDER BY final.session_id DESC) AS age
         FROM final JOIN trial ON trial.id = final.trial_id)
       SELECT ${TRIAL_COLUMNS}, held.samples AS final_samples, held.repetitions AS final_repetitions,
         held.stop AS final_stop
       FROM ${TRIAL_TABLES} LEFT JOIN held ON held.trial_id = trial.id AND held.age = 1
       WHERE ${sql}
       ORDER BY ${CONTEXT}, held.median IS NULL, coalesce(held.median, trial.median), trial.kernel, trial.id`,
    )
    .all(values);
}

function toRanked(row: RankedRow): Ranked | undefined {
  const trial = toTrial(row);
  if (!isMeasured(trial)) return undefined;
  const measurement =
    row.final_samples === null
      ? trial.outcome.measurement
      : fromColumns({
          samples: row.final_samples,
          repetitions: row.final_repetitions,
          stop: row.final_stop,
        });
  return { trial, measurement, final: row.final_samples !== null };
}
