import { outputSize } from '../../problem.js';
import { tileLengths } from '../chunk.js';
import type { Family } from '../family.js';
import { directCost } from './cost.js';
import { emitDirect } from './emit.js';
import { direct, directPlan } from './plan.js';
import { DIRECT_RULES } from './rules.js';

/**
 * fprop on a GPU in NHWC, without shared memory: lanes are channels, so that every direction's loads and stores are whole
 * pieces of pixels; what tiles share comes out of the first-level cache. A warp computes one tile: whatever walks further
 * has more images under way at a time than the second-level cache holds.
 */
export const cudaDirect: Family = {
  id: 'cuda_direct',
  target: 'cuda',
  template: 'cuda/direct.cu.hbs',
  letters: { length: 't', vector: 'v', lanes: 'l', along: 'a', across: 'b', resident: 'm' },
  rules: DIRECT_RULES,
  axes: (problem) => ({
    length: tileLengths(problem, outputSize(problem)),
    vector: [2, 1],
    lanes: [32, 16, 8],
    along: [1, 2, 4, 5],
    across: [4, 2],
    resident: [16, 8, 5, 4, 3, 2, 1],
  }),
  cost: (problem, _, params) => directCost(directPlan(problem, direct(params))),
  emit: (problem, _, params, symbol) => emitDirect(directPlan(problem, direct(params)), symbol),
};
