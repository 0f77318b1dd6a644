import type { Family } from '../family.js';
import { ringGradAxes } from './axes.js';
import { ringGradCost } from './cost.js';
import { emitRingGrad } from './emit.js';
import { ringGrad, ringGradPlan } from './plan.js';
import { RING_GRAD_RULES } from './rules.js';

/**
 * wgrad and backward of stride 1 on a GPU in NHWC, through shared memory: the copy engine lays a block's plane of dy there in
 * bands of rows, each again with the next image's as soon as every warp has left it, so that warps go down one plane after
 * another without waiting for one another. Sums of dw stay in registers over all images.
 */
export const cudaRingGrad: Family = {
  id: 'cuda_ring_grad',
  target: 'cuda',
  template: 'cuda/ring_grad.cu.hbs',
  letters: {
    channels: 'c',
    tiles: 't',
    warps: 'nw',
    resident: 'm',
    images: 'i',
    bands: 'b',
    depth: 'd',
    shared: 'w',
    ahead: 'x',
    skip: 's',
    order: 'o',
    producer: 'p',
    lag: 'l',
    run: 'r',
    inner: 'n',
  },
  defaults: { lag: 0, run: 1, inner: 0 },
  rules: RING_GRAD_RULES,
  axes: ringGradAxes,
  cost: (problem, _, params) => ringGradCost(ringGradPlan(problem, ringGrad(params))),
  emit: (problem, _, params, symbol) => emitRingGrad(ringGradPlan(problem, ringGrad(params)), symbol),
};
