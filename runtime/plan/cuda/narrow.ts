import { widestGroup } from '../../../generator/families/chunk.js';
import type { Problem } from '../../../generator/problem.js';
import type { CudaTarget } from '../../../generator/target.js';
import { untunedSchedule } from '../../../generator/untuned.js';

/** Half a line of memory: whatever else lies in it is read or written by another block, at another time. */
const NARROW_BYTES = 64;

/** Whether the pieces of pixels that a direction has are short: docs/gpu-kernels.md, "Parts of sectors". */
export function isNarrow(convolution: Problem): boolean {
  return convolution.filter === 'line' && 4 * widestGroup(convolution) <= NARROW_BYTES;
}

/** Whether there is a kernel of planes but the general one. */
export function hasPlanes(convolution: Problem, target: CudaTarget): boolean {
  return untunedSchedule(convolution, target, []) !== undefined;
}
