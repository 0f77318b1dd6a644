import type { Family } from '../family.js';
import { ringAxes } from './axes.js';
import { ringCost } from './cost.js';
import { emitRing } from './emit.js';
import { ring, ringPlan } from './plan.js';
import { RING_RULES } from './rules.js';

/**
 * fprop of stride 1 on a GPU in NHWC, through shared memory: as cuda_staged, but that a block goes through several images,
 * whose planes the copy engine lays there in bands of rows, each again with a later image's as soon as every warp has left
 * it. So one block a multiprocessor fetches while it computes.
 */
export const cudaRing: Family = {
  id: 'cuda_ring',
  target: 'cuda',
  template: 'cuda/ring.cu.hbs',
  letters: {
    channels: 'c',
    tiles: 't',
    warps: 'nw',
    resident: 'm',
    images: 'i',
    bands: 'b',
    depth: 'd',
    lag: 'l',
    run: 'r',
  },
  defaults: { lag: 0, run: 1 },
  rules: RING_RULES,
  axes: ringAxes,
  cost: (problem, _, params) => ringCost(ringPlan(problem, ring(params))),
  emit: (problem, _, params, symbol) => emitRing(ringPlan(problem, ring(params)), symbol),
};
