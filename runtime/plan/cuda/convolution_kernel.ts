import { CUDA_GENERAL_KERNELS } from '../../../generator/families/cuda_general.js';
import type { Problem } from '../../../generator/problem.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { DispatchOptions } from '../../dispatch.js';
import { originName } from '../origin_name.js';
import type { CudaStepKernel } from './kernel.js';

/** The library's kernel for a convolution, else one that is generated for it, else the general one. @throws DeviceError, see cudaDispatch */
export async function convolutionKernel(
  problem: Problem,
  device: CudaDevice,
  options: DispatchOptions,
): Promise<CudaStepKernel> {
  const convolution = await device.load(problem, { untuned: 'generate', ...options });
  const kernel = originName(convolution.origin, CUDA_GENERAL_KERNELS.fprop);
  return Object.freeze<CudaStepKernel>({
    kind: 'cuda-step-kernel',
    bind({ resid, weight, bias, input, output, count }, lend) {
      const prepared = lend(convolution.prepare({ weight: weight!, ...(bias && { bias }), resid }));
      return { kernel, launch: prepared.bind({ input, output, batch: count }) };
    },
  });
}
