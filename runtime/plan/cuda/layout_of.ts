import { type Layout, type Problem, problem } from '../../../generator/problem.js';
import type { CudaTarget } from '../../../generator/target.js';
import { candidates } from '../../cuda/candidates.js';
import type { KernelLibrary } from '../../library.js';

/** What the product that writes planes takes more than one of rows, in copies of what the convolution reads and writes: docs/models.md. */
const PRODUCT = 0.1;

/**
 * The layout in which a convolution, and what stands beside it, is faster, by what a library's kernels took where they were tuned
 * for this architecture: planes are where directions have short pieces of pixels (docs/gpu-kernels.md, "Parts of sectors"), and
 * only at some sizes. Rows where the library has no such kernel of planes.
 */
export function layoutOf(
  convolution: Problem,
  target: CudaTarget,
  library: KernelLibrary | undefined,
): Layout {
  const copies = (layout: Layout) =>
    library && tunedCopies(problem({ ...convolution, layout }), target, library);
  const planes = copies('nchw');
  return planes !== undefined && planes + PRODUCT < (copies('nhwc') ?? Number.POSITIVE_INFINITY)
    ? 'nchw'
    : 'nhwc';
}

/** What the library's kernel took, in copies; undefined if it has none that was tuned for this architecture. */
function tunedCopies(asked: Problem, target: CudaTarget, library: KernelLibrary): number | undefined {
  const [best] = candidates(library, asked, target);
  if (!best || best.reason !== undefined) return undefined;
  const { median, copy } = best.entry.provenance;
  return median / copy;
}
