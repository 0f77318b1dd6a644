import { GENERAL_KERNELS } from '../../../generator/families/general_name.js';
import type { Problem } from '../../../generator/problem.js';
import type { CpuDevice } from '../../cpu.js';
import type { DispatchOptions } from '../../dispatch.js';
import { originName } from '../origin_name.js';
import type { CpuKernel } from './kernel.js';

/** The library's kernel for a convolution, else one that is generated for it, else the general one. @throws DeviceError, see dispatch */
export async function convolutionKernel(
  problem: Problem,
  device: CpuDevice,
  options: DispatchOptions,
): Promise<CpuKernel> {
  const convolution = await device.load(problem, { untuned: 'generate', ...options });
  return Object.freeze<CpuKernel>({
    kind: 'cpu-kernel',
    name: originName(convolution.origin, GENERAL_KERNELS.fprop),
    bind({ resid, weight, bias, input, output, count }) {
      const prepared = convolution.prepare({ weight: weight!, ...(bias && { bias }), resid });
      return prepared.bind({ input, output, batch: count });
    },
  });
}
