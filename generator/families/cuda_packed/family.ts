import type { Family } from '../family.js';
import { packedAxes } from './axes.js';
import { packedCost } from './cost.js';
import { emitPacked } from './emit.js';
import { packed, packedPlan } from './plan.js';
import { PACKED_RULES } from './rules.js';

/**
 * fprop on a GPU in NCHW: a block copies whole planes of one channel, or bands of them, to shared memory in bulk, runs
 * sheared register tiles over them with its weights in registers, and copies the results out in bulk.
 */
export const cudaPacked: Family = {
  id: 'cuda_packed',
  target: 'cuda',
  template: 'cuda/packed.cu.hbs',
  letters: {
    shallow: 'ts',
    steep: 'tl',
    threads: 'nt',
    planes: 'ni',
    images: 'i',
    band: 'b',
    resident: 'm',
  },
  rules: PACKED_RULES,
  axes: packedAxes,
  cost: packedCost,
  emit: (problem, _, params, symbol) => emitPacked(packedPlan(problem, packed(params)), symbol),
};
