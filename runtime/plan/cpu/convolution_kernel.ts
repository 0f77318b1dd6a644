import { GENERAL_KERNELS } from '../../../generator/families/general_name.js';
import type { Problem } from '../../../generator/problem.js';
import type { CpuDevice } from '../../cpu.js';
import type { DispatchOptions, Origin } from '../../dispatch.js';
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
    name: nameOf(convolution.origin),
    bind({ resid, weight, bias, input, output, count }) {
      const prepared = convolution.prepare({ weight: weight!, ...(bias && { bias }), resid });
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
      return GENERAL_KERNELS.fprop;
    case 'binary':
      return origin.symbol;
    default:
      return origin satisfies never;
  }
}
