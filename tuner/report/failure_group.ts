import { splitKernelName } from '../../generator/name.js';
import type { Verdict } from '../outcome.js';
import type { Trial } from '../store/trial.js';
import { grouped } from './grouped.js';

/** Trials of one problem that failed in one way and for one reason. */
export interface FailureGroup {
  readonly verdict: Exclude<Verdict, 'ok'>;
  readonly reason: string;
  /** The schedules that were tried, in the order of the trials. */
  readonly schedules: readonly string[];
}

/** @param trials of one problem in one setting */
export function failureGroups(trials: readonly Trial[]): readonly FailureGroup[] {
  const failed = trials.flatMap(({ kernel, outcome }) =>
    outcome.kind === 'ok' ? [] : [{ schedule: splitKernelName(kernel).schedule, outcome }],
  );
  return [...grouped(failed, ({ outcome }) => `${outcome.kind} ${outcome.reason}`).values()].map((own) =>
    Object.freeze({
      verdict: own[0]!.outcome.kind,
      reason: own[0]!.outcome.reason,
      schedules: Object.freeze(own.map(({ schedule }) => schedule)),
    }),
  );
}

/** Trials in all groups. */
export function failedTrials(groups: readonly FailureGroup[]): number {
  return groups.reduce((sum, { schedules }) => sum + schedules.length, 0);
}
