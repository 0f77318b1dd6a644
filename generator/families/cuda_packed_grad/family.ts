import type { Family } from '../family.js';
import { packedGradAxes } from './axes.js';
import { packedGradCost } from './cost.js';
import { emitPackedGrad } from './emit.js';
import { packedGrad, packedGradPlan } from './plan.js';
import { PACKED_GRAD_RULES } from './rules.js';

/**
 * wgrad, backward and strided dgrad on a GPU in NCHW: a block copies planes of x and dy of one channel, or bands of them,
 * to shared memory in bulk, runs sheared register tiles over the pixels of x with its weights and their sums in registers,
 * writes dx in place of x, and copies it out in bulk. Its sums of dw leave as its channel's part of a row of partial sums,
 * of which each group of images has one.
 */
export const cudaPackedGrad: Family = {
  id: 'cuda_packed_grad',
  target: 'cuda',
  template: 'cuda/packed_grad.cu.hbs',
  letters: {
    shallow: 'ts',
    steep: 'tl',
    threads: 'nt',
    planes: 'ni',
    images: 'i',
    band: 'b',
    order: 'o',
    depth: 'd',
    resident: 'm',
  },
  rules: PACKED_GRAD_RULES,
  axes: packedGradAxes,
  cost: packedGradCost,
  emit: (problem, _, params, symbol) => emitPackedGrad(packedGradPlan(problem, packedGrad(params)), symbol),
};
