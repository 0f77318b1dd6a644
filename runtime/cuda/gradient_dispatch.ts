import type { Problem } from '../../generator/problem.js';
import { absence, type DispatchOptions } from '../dispatch.js';
import { backwardParts, binaryPair, type GradientBinary } from '../gradient_dispatch.js';
import { gradientOp } from '../operation.js';
import { bestKernel, type CudaBinary, cudaDispatch, type Gpu, publishedKernel } from './dispatch.js';

/**
 * The best kernel that there is on a GPU for wgrad or backward: the library's; else for wgrad the general one, and for
 * backward the best ones for dgrad and wgrad.
 * @throws DeviceError, see {@link cudaDispatch}
 */
export async function cudaGradientDispatch(
  asked: Problem,
  gpu: Gpu,
  options: DispatchOptions,
): Promise<GradientBinary<CudaBinary>> {
  const op = gradientOp(asked, 'GPU');
  switch (op) {
    case 'wgrad':
      return bestKernel(op, asked, gpu, options);
    case 'backward': {
      const found = await publishedKernel(asked, gpu, options);
      if (found) return found;
      const { dgrad, wgrad } = backwardParts(asked);
      return binaryPair(
        absence(asked, gpu.target, options.library),
        await cudaDispatch(dgrad, gpu, options),
        await bestKernel('wgrad', wgrad, gpu, options),
      );
    }
    default:
      return op satisfies never;
  }
}
