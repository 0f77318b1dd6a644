import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { currentSchedule, type Setting } from './candidate.js';
import type { Measurement } from './measure/measurement.js';
import type { Store } from './store/store.js';
import type { TrialFilter } from './store/trial.js';
import type { Winner } from './store/winners.js';

/** Where a problem stands: all that the store knows of it, in one setting. */
export interface TunedProblem {
  readonly kind: 'tuned-problem';
  readonly problem: Problem;
  /** Undefined while no candidate has passed its trial. */
  readonly winner: Winner | undefined;
  /** Of the copy beside the last final. */
  readonly copy: Measurement | undefined;
  readonly trials: number;
  /** Trials that did not end in a time. */
  readonly failures: number;
}

export function standing(store: Store, setting: Setting, problem: Problem): TunedProblem {
  const filter = trialsOf(setting, problem);
  const counts = store.counts(filter);
  const trials = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { machine, threads } = setting;
  return Object.freeze({
    kind: 'tuned-problem',
    problem,
    winner: store.winners(filter, (trial) => currentSchedule(trial, setting.target) !== undefined)[0],
    copy: store.yardstick({ problem: problemName(problem), machine, threads }),
    trials,
    failures: trials - counts.ok,
  });
}

/** The trials of a problem that were made in a setting, whatever their source. */
export function trialsOf({ toolchain, machine, threads }: Setting, problem: Problem): TrialFilter {
  return { problem: problemName(problem), toolchain, machine, threads };
}
