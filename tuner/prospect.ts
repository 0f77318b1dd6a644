import type { Problem } from '../generator/problem.js';
import { space } from '../generator/space.js';
import type { Prospect } from './budget.js';
import type { Setting } from './candidate.js';
import { standing, trialsOf } from './standing.js';
import type { Store } from './store/store.js';

/** What may come of more trials of a problem, by what the store knows of those that it has had. */
export function prospect(store: Store, setting: Setting, problem: Problem): Prospect {
  const trials = store.trials(trialsOf(setting, problem));
  const candidates = space(problem, setting.target).candidates;
  const tried = new Set(trials.map(({ kernel }) => kernel));
  return {
    times: trials.map(({ outcome }) =>
      outcome.kind === 'ok' ? outcome.measurement.median : Number.POSITIVE_INFINITY,
    ),
    // Without a final there is no copy to go by, and nothing is expected.
    floor: standing(store, setting, problem).winner?.copy?.median ?? Number.POSITIVE_INFINITY,
    left: candidates.filter(({ name }) => !tried.has(name)).length,
  };
}
