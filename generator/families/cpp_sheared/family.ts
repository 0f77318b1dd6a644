import { outputSize } from '../../problem.js';
import type { CpuTarget } from '../../target.js';
import type { Family } from '../family.js';
import { shearedCost } from './cost.js';
import { emitSheared } from './emit.js';
import { sheared, shearedPlan } from './plan.js';
import { SHEARED_RULES } from './rules.js';

/**
 * fprop on a CPU: lanes are channels in either layout; a thread stages a band of a few channels with its zeros in
 * scratch memory, then runs sheared register tiles over it as straight-line code.
 */
export const cppSheared: Family = {
  id: 'cpp_sheared',
  target: 'cpu',
  template: 'cpp/sheared.cpp.hbs',
  letters: { length: 't', lanes: 'l', depth: 'd', band: 'b', prefetch: 'p', stream: 's' },
  rules: SHEARED_RULES,
  axes: (problem, target) => ({
    length: [14, 7, 8, 12, 16, 4, 20, 28, 2, 1],
    lanes: [16, 8, 4, 2, 1].filter((lanes) => lanes <= (target as CpuTarget).lanes),
    depth: [1, 2, 4],
    band: [0, ...[8, 4, 7, 14, 28, 56].filter((rows) => rows < outputSize(problem).height)],
    prefetch: [2, 1, 0],
    stream: [1, 0],
  }),
  cost: shearedCost,
  emit: (problem, _, params, symbol) => emitSheared(shearedPlan(problem, sheared(params)), symbol),
};
