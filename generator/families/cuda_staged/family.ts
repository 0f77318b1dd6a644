import type { Family } from '../family.js';
import { stagedAxes } from './axes.js';
import { stagedCost } from './cost.js';
import { emitStaged } from './emit.js';
import { staged, stagedPlan } from './plan.js';
import { STAGED_RULES } from './rules.js';

/**
 * fprop on a GPU in NHWC, through shared memory: the copy engine lays a block's plane there in one box, so that long kernels
 * read it from memory once, whatever their direction.
 */
export const cudaStaged: Family = {
  id: 'cuda_staged',
  target: 'cuda',
  template: 'cuda/staged.cu.hbs',
  letters: { channels: 'c', tiles: 't', places: 'p', warps: 'w', resident: 'm' },
  rules: STAGED_RULES,
  axes: stagedAxes,
  cost: (problem, _, params) => stagedCost(stagedPlan(problem, staged(params))),
  emit: (problem, _, params, symbol) => emitStaged(stagedPlan(problem, staged(params)), symbol),
};
