import type { Database, Statement } from 'better-sqlite3';
import { type Outcome, VERDICTS, type Verdict } from '../outcome.js';
import { where } from './filter.js';
import { type BoundKey, IS_KEY } from './keys.js';
import { fromColumns, type TimingColumns, toColumns } from './timing.js';
import type { MeasuredTrial, Trial, TrialFilter, TrialReport } from './trial.js';

/** A trial's row, its machine and toolchain joined. */
export interface TrialRow {
  readonly problem: string;
  readonly layer: string;
  readonly target: string;
  readonly kernel: string;
  readonly params: string;
  readonly source_hash: string;
  readonly machine: string;
  readonly compiler: string;
  readonly flags: string;
  readonly session_id: number;
  readonly threads: number;
  readonly is_default: number;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly relative_error: number | null;
  readonly samples: string | null;
  readonly median: number | null;
  readonly spread: number | null;
  readonly repetitions: number | null;
  readonly stop: string | null;
  readonly finished: string;
}

export const TRIAL_COLUMNS = 'trial.*, machine.name AS machine, toolchain.compiler, toolchain.flags';
export const TRIAL_TABLES = `trial JOIN machine ON machine.id = trial.machine_id
  JOIN toolchain ON toolchain.id = trial.toolchain_id`;

/** The table of trials. */
export class Trials {
  readonly #db: Database;
  readonly #insert: Statement<[object]>;
  readonly #id: Statement<[BoundKey], number>;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare(`
      INSERT INTO trial (problem, layer, target, kernel, params, source_hash, machine_id, toolchain_id, session_id,
        threads, is_default, verdict, reason, relative_error, samples, median, spread, repetitions, stop, finished)
      VALUES (@problem, @layer, @target, @kernel, @params, @sourceHash, @machine, @toolchain, @session,
        @threads, @isDefault, @verdict, @reason, @relativeError, @samples, @median, @spread, @repetitions, @stop,
        @finished)
      ON CONFLICT (problem, kernel, source_hash, toolchain_id, machine_id, threads) DO NOTHING`);
    this.#id = db.prepare<[BoundKey], number>(`SELECT id FROM trial WHERE ${IS_KEY}`).pluck();
  }

  /** Adds a trial unless its key is there already; returns whether it was added. */
  add(key: BoundKey, trial: TrialReport, session: number, finished: string): boolean {
    const { changes } = this.#insert.run({
      ...key,
      layer: trial.problem.replace(/_n\d+$/, ''),
      target: trial.target,
      params: JSON.stringify(trial.params),
      isDefault: Number(trial.isDefault),
      session,
      finished,
      ...outcomeColumns(trial.outcome),
    });
    return changes === 1;
  }

  id(key: BoundKey): number | undefined {
    return this.#id.get(key);
  }

  /** In the order in which they were recorded. */
  select(filter: TrialFilter): readonly Trial[] {
    const { sql, values } = where(filter);
    return this.#db
      .prepare<[object], TrialRow>(
        `SELECT ${TRIAL_COLUMNS} FROM ${TRIAL_TABLES} WHERE ${sql} ORDER BY trial.id`,
      )
      .all(values)
      .map(toTrial);
  }

  counts(filter: TrialFilter): Readonly<Record<Verdict, number>> {
    const { sql, values } = where(filter);
    const found = this.#db
      .prepare<[object], [Verdict, number]>(
        `SELECT trial.verdict, count(*) FROM ${TRIAL_TABLES} WHERE ${sql} GROUP BY trial.verdict`,
      )
      .raw()
      .all(values);
    const none = VERDICTS.map((verdict) => [verdict, 0] as const);
    return Object.freeze(Object.fromEntries([...none, ...found])) as Record<Verdict, number>;
  }
}

export function toTrial(row: TrialRow): Trial {
  return Object.freeze({
    kind: 'trial',
    problem: row.problem,
    layer: row.layer,
    target: row.target,
    kernel: row.kernel,
    params: Object.freeze(JSON.parse(row.params) as TrialReport['params']),
    sourceHash: row.source_hash,
    machine: row.machine,
    toolchain: Object.freeze({ compiler: row.compiler, flags: row.flags }),
    session: row.session_id,
    threads: row.threads,
    isDefault: row.is_default === 1,
    outcome: toOutcome(row),
    finished: row.finished,
  });
}

export function isMeasured(trial: Trial): trial is MeasuredTrial {
  return trial.outcome.kind === 'ok';
}

const NO_TIMING = { samples: null, median: null, spread: null, repetitions: null, stop: null };

function outcomeColumns(outcome: Outcome) {
  switch (outcome.kind) {
    case 'ok':
      return {
        verdict: outcome.kind,
        reason: null,
        relativeError: outcome.relativeError,
        ...toColumns(outcome.measurement),
      };
    case 'wrong':
      return {
        verdict: outcome.kind,
        reason: outcome.reason,
        relativeError: outcome.relativeError,
        ...NO_TIMING,
      };
    case 'refused-by-compiler':
    case 'crashed':
    case 'hung':
    case 'failed':
      return { verdict: outcome.kind, reason: outcome.reason, relativeError: null, ...NO_TIMING };
    default:
      return outcome satisfies never;
  }
}

/** The table's checks have seen to it that what a verdict needs is not null. */
function toOutcome(row: TrialRow): Outcome {
  switch (row.verdict) {
    case 'ok':
      return Object.freeze({
        kind: 'ok',
        relativeError: row.relative_error!,
        measurement: fromColumns(row as TimingColumns),
      });
    case 'wrong':
      // SQLite keeps NaN as null.
      return Object.freeze({
        kind: 'wrong',
        reason: row.reason!,
        relativeError: row.relative_error ?? Number.NaN,
      });
    case 'refused-by-compiler':
    case 'crashed':
    case 'hung':
    case 'failed':
      return Object.freeze({ kind: row.verdict, reason: row.reason! });
    default:
      return row.verdict satisfies never;
  }
}
