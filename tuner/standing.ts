import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { targetName } from '../generator/target.js';
import { currentSchedule, type Setting } from './candidate.js';
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

/** The trials of a problem that were made in a setting, whatever their source. */
export function trialsOf({ target, toolchain, machine, threads }: Setting, problem: Problem): TrialFilter {
  return { problem: problemName(problem), target: targetName(target), toolchain, machine, threads };
}
