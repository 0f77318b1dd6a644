import type { CudaTarget } from '../../target.js';
import type { Family } from '../family.js';
import { regionGradAxes } from './axes.js';
import { regionGradCost } from './cost.js';
import { emitRegionGrad } from './emit.js';
import { regionGrad, regionGradPlan } from './plan.js';
import { REGION_GRAD_RULES } from './rules.js';

/**
 * wgrad, backward and strided dgrad on a GPU in NHWC, of directions of 8 channels: a block has two of them, and goes through regions of
 * the plane that it stages in shared memory, so that pieces of 16 channels come from memory and go there. A warp has tiles of one part
 * of one direction, whose weights and sums its registers keep over all regions.
 */
export const cudaRegionGrad: Family = {
  id: 'cuda_region_grad',
  target: 'cuda',
  template: 'cuda/region_grad.cu.hbs',
  letters: {
    length: 't',
    rows: 'r',
    columns: 'q',
    warps: 'w',
    producers: 'f',
    apart: 'a',
    images: 'i',
    pieces: 'p',
    grouped: 'g',
    step: 's',
  },
  defaults: { grouped: 0, step: 0 },
  rules: REGION_GRAD_RULES,
  axes: regionGradAxes,
  cost: (problem, _, params) => regionGradCost(regionGradPlan(problem, regionGrad(params))),
  emit: (problem, target, params, symbol) =>
    emitRegionGrad(regionGradPlan(problem, regionGrad(params)), target as CudaTarget, symbol),
};
