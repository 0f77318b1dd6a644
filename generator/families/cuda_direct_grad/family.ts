import type { CudaTarget } from '../../target.js';
import type { Family } from '../family.js';
import { directGradAxes } from './axes.js';
import { directGradCost } from './cost.js';
import { emitDirectGrad } from './emit.js';
import { directGrad, directGradPlan } from './plan.js';
import { DIRECT_GRAD_RULES } from './rules.js';

/**
 * wgrad, backward and strided dgrad on a GPU in NHWC: lanes are channels, so that every direction's loads and stores are
 * whole pieces of pixels. A warp keeps sheared tiles of x and dx in registers and loads the dy that they meet, through the
 * first-level cache; its sums of dw go on over all tiles that its block walks over, and leave as one row a block.
 */
export const cudaDirectGrad: Family = {
  id: 'cuda_direct_grad',
  target: 'cuda',
  template: 'cuda/direct_grad.cu.hbs',
  letters: {
    length: 't',
    vector: 'v',
    lanes: 'l',
    along: 'a',
    across: 'b',
    steps: 's',
    images: 'i',
    resident: 'm',
    shared: 'w',
    order: 'o',
  },
  rules: DIRECT_GRAD_RULES,
  axes: (problem) => directGradAxes(problem),
  cost: (problem, _, params) => directGradCost(directGradPlan(problem, directGrad(params))),
  emit: (problem, target, params, symbol) =>
    emitDirectGrad(directGradPlan(problem, directGrad(params)), target as CudaTarget, symbol),
};
