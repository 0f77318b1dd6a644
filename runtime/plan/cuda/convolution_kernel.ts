import { CUDA_GENERAL_KERNELS } from '../../../generator/families/cuda_general.js';
import type { Problem } from '../../../generator/problem.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { DispatchOptions, Origin } from '../../dispatch.js';
import type { CudaStepKernel } from './kernel.js';

/** The library's kernel for a convolution, else one that is generated for it, else the general one. @throws DeviceError, see cudaDispatch */
export async function convolutionKernel(
  problem: Problem,
  device: CudaDevice,
  options: DispatchOptions,
): Promise<CudaStepKernel> {
  const convolution = await device.load(problem, { untuned: 'generate', ...options });
  return Object.freeze<CudaStepKernel>({
    kind: 'cuda-step-kernel',
    name: nameOf(convolution.origin),
    bind({ resid, weight, bias, input, output, count }, lend) {
      const prepared = lend(convolution.prepare({ weight: weight!, ...(bias && { bias }), resid }));
      return prepared.bind({ input, output, batch: count });
    },
  });
}

function nameOf(origin: Origin): string {
  switch (origin.kind) {
    case 'library':
    case 'untuned':
      return origin.kernel;
    case 'general':
      return CUDA_GENERAL_KERNELS.fprop;
    case 'binary':
      return origin.symbol;
    default:
      return origin satisfies never;
  }
}
