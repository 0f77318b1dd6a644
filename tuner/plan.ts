import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { space } from '../generator/space.js';
import { type Target, targetName } from '../generator/target.js';
import { currentSchedule, type Setting } from './candidate.js';
import { isTuned, trialsOf } from './standing.js';
import type { Store } from './store/store.js';

/** What a tuning would do, as far as it can be told beforehand. */
export interface Plan {
  readonly kind: 'plan';
  readonly problems: readonly PlannedProblem[];
  /** At most, in all. */
  readonly seconds: number;
}

export interface PlannedProblem {
  readonly problem: Problem;
  /** Legal schedules. */
  readonly candidates: number;
  /** Of these, kernels that have a trial. */
  readonly tried: number;
  /** Whether a final has been held. */
  readonly tuned: boolean;
  /** Its share of the time, if all get as much; 0 for what is tuned already, or has no candidate left. */
  readonly seconds: number;
}

export interface PlanOptions {
  readonly target: Target;
  /** Of the machine that will tune; without one, trials of every machine count. */
  readonly setting?: Setting | undefined;
  /** None where there is no database yet. */
  readonly store?: Store | undefined;
  /** For all problems together. */
  readonly seconds: number;
  /** Problems that are tuned side by side. */
  readonly width: number;
  /** Goes on with problems that have had their final, too. */
  readonly more: boolean;
}

/** @throws StoreError */
export function plan(problems: readonly Problem[], options: PlanOptions): Plan {
  const { seconds, width, more } = options;
  const all = problems.map((problem) => ({ problem, ...known(problem, options) }));
  const isOpen = ({ tuned }: { tuned: boolean }) => more || !tuned;
  const rounds = Math.ceil(all.filter(isOpen).length / width);
  const planned = all.map((one) =>
    Object.freeze<PlannedProblem>({
      ...one,
      seconds: isOpen(one) && one.tried < one.candidates ? seconds / rounds : 0,
    }),
  );
  return Object.freeze({
    kind: 'plan',
    problems: planned,
    seconds: planned.some((one) => one.seconds > 0) ? seconds : 0,
  });
}

function known(problem: Problem, { target, setting, store }: PlanOptions) {
  const names = new Set(space(problem, target).candidates.map(({ name }) => name));
  const filter = setting
    ? trialsOf(setting, problem)
    : { problem: problemName(problem), target: targetName(target) };
  const tried = new Set(store?.trials(filter).map(({ kernel }) => kernel));
  const winners = store?.winners(filter, (trial) => currentSchedule(trial, target) !== undefined) ?? [];
  return {
    candidates: names.size,
    tried: [...names].filter((name) => tried.has(name)).length,
    tuned: winners.some((winner) => isTuned({ problem, winner }, target)),
  };
}
