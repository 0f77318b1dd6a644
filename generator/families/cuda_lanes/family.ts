import type { Family } from '../family.js';
import { lanesAxes } from './axes.js';
import { lanesCost } from './cost.js';
import { emitLanes } from './emit.js';
import { lanes, lanesPlan } from './plan.js';
import { LANES_RULES } from './rules.js';

/**
 * fprop on a GPU in NCHW, for small planes of any size: a block takes the planes of neighbouring channels, one piece of
 * memory an image, through shared memory, and computes with one channel a lane, so that a warp is at one place of all its
 * planes: what is a test of one lane is one of all.
 */
export const cudaLanes: Family = {
  id: 'cuda_lanes',
  target: 'cuda',
  template: 'cuda/lanes.cu.hbs',
  letters: { length: 't', lanes: 'l', warps: 'w', images: 'i', copy: 'c', resident: 'm' },
  rules: LANES_RULES,
  axes: lanesAxes,
  cost: (problem, _, params) => lanesCost(lanesPlan(problem, lanes(params))),
  emit: (problem, _, params, symbol) => emitLanes(lanesPlan(problem, lanes(params)), symbol),
};
