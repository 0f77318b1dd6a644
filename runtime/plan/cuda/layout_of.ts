import { widestGroup } from '../../../generator/families/chunk.js';
import { type Layout, type Problem, problem } from '../../../generator/problem.js';
import type { CudaTarget } from '../../../generator/target.js';
import { candidates } from '../../cuda/candidates.js';
import type { KernelLibrary } from '../../library.js';

/** Half a line of memory: whatever else lies in it is read or written by another block, at another time. */
const NARROW_BYTES = 64;

/**
 * The layout in which a convolution is faster: planes where directions have short pieces of pixels (docs/gpu-kernels.md, "Parts
 * of sectors"), if the library has a kernel of planes that was tuned for this architecture. At many other sizes they are slower.
 */
export function layoutOf(
  convolution: Problem,
  target: CudaTarget,
  library: KernelLibrary | undefined,
): Layout {
  const isNarrow = convolution.filter === 'line' && 4 * widestGroup(convolution) <= NARROW_BYTES;
  if (!isNarrow || !library) return 'nhwc';
  const [best] = candidates(library, problem({ ...convolution, layout: 'nchw' }), target);
  return best && best.reason === undefined ? 'nchw' : 'nhwc';
}
