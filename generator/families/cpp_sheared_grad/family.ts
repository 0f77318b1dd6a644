import type { Family } from '../family.js';
import { gradAxes } from './axes.js';
import { gradCost } from './cost.js';
import { emitGrad } from './emit.js';
import { gradParams, gradPlan } from './plan.js';
import { GRAD_RULES } from './rules.js';

/**
 * wgrad, backward and strided dgrad on a CPU: lanes are channels in either layout; a thread stages a band of dy with its
 * zeros in scratch memory, then runs sheared tiles of x and dx over it as straight-line code, in which a value of dy is
 * used for dx and for dw while it is in a register.
 */
export const cppShearedGrad: Family = {
  id: 'cpp_sheared_grad',
  target: 'cpu',
  template: 'cpp/sheared_grad.cpp.hbs',
  letters: { length: 't', lanes: 'l', depth: 'd', band: 'b', prefetch: 'p', stream: 's' },
  rules: GRAD_RULES,
  axes: gradAxes,
  cost: gradCost,
  emit: (problem, _, params, symbol) => emitGrad(gradPlan(problem, gradParams(params)), symbol),
};
