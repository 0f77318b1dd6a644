import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { type Target, targetName } from '../generator/target.js';
import { currentSchedule, type Setting } from './candidate.js';
import { spaceVersion } from './space_version.js';
import { staleness } from './staleness.js';
import type { Store } from './store/store.js';
import type { TrialFilter } from './store/trial.js';
import type { Winner } from './store/winners.js';

/** Where a problem stands: all that the store knows of it, in one setting. */
export interface TunedProblem {
  readonly kind: 'tuned-problem';
  readonly problem: Problem;
  /** Undefined while no candidate has passed its trial. */
  readonly winner: Winner | undefined;
  readonly trials: number;
  /** Trials that did not end in a time. */
  readonly failures: number;
}

export function standing(store: Store, setting: Setting, problem: Problem): TunedProblem {
  const filter = trialsOf(setting, problem);
  const counts = store.counts(filter);
  const trials = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Object.freeze({
    kind: 'tuned-problem',
    problem,
    winner: store.winners(filter, (trial) => currentSchedule(trial, setting.target) !== undefined)[0],
    trials,
    failures: trials - counts.ok,
  });
}

/** Whether a problem has had its final, among the schedules that there are today. */
export function isTuned(
  { problem, winner }: Pick<TunedProblem, 'problem' | 'winner'>,
  target: Target,
): boolean {
  return winner?.final === true && winner.space === spaceVersion(problem, target);
}

/**
 * Why the finals of a problem that this machine has held no longer count for a setting; none if one does, or if it has held
 * none.
 */
export function overtaken(store: Store, setting: Setting, problem: Problem): readonly string[] {
  const { target, machine, threads } = setting;
  const filter = { problem: problemName(problem), target: targetName(target), machine, threads };
  const finals = store
    .winners(filter)
    .filter(({ final }) => final)
    .toSorted((a, b) => Date.parse(b.measured) - Date.parse(a.measured))
    .map((winner) => staleness(winner, [setting]));
  return finals.every((reasons) => reasons.length > 0) ? (finals[0] ?? []) : [];
}

/** The trials of a problem that were made in a setting, whatever their source. */
export function trialsOf({ target, toolchain, machine, threads }: Setting, problem: Problem): TrialFilter {
  return { problem: problemName(problem), target: targetName(target), toolchain, machine, threads };
}
