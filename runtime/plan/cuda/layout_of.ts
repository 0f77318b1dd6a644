import { widestGroup } from '../../../generator/families/chunk.js';
import { type Layout, type Problem, problem } from '../../../generator/problem.js';
import type { CudaTarget } from '../../../generator/target.js';
import { untunedSchedule } from '../../../generator/untuned.js';

/** Half a line of memory: whatever else lies in it is read or written by another block, at another time. */
const NARROW_BYTES = 64;

/**
 * The layout in which a convolution is faster: planes where directions have short pieces of pixels (docs/gpu-kernels.md, "Parts
 * of sectors") and there is a kernel of planes but the general one.
 */
export function layoutOf(convolution: Problem, target: CudaTarget): Layout {
  const isNarrow = convolution.filter === 'line' && 4 * widestGroup(convolution) <= NARROW_BYTES;
  if (!isNarrow) return 'nhwc';
  const planes = problem({ ...convolution, layout: 'nchw' });
  return untunedSchedule(planes, target, []) === undefined ? 'nhwc' : 'nchw';
}
