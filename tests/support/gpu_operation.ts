import type { CudaDevice } from '../../runtime/cuda/device.js';
import { lendingAsync } from '../../runtime/cuda/lend.js';
import type { CudaStepKernel } from '../../runtime/plan/cuda/kernel.js';
import { onDevice } from '../../runtime/plan/cuda/parameter.js';
import type { CudaOperationCase } from './cuda_operation_case.js';

/**
 * What a kernel of a plan makes of a case, captured in a graph that runs once. An output that lies over nothing is filled
 * with NaN before. @param over the array that the output lies over
 */
export function onGpuResult(
  gpu: CudaDevice,
  kernel: CudaStepKernel,
  { input, residual, weight, bias, count, expected }: CudaOperationCase,
  over?: 'input' | 'residual',
): Promise<Float32Array> {
  return lendingAsync(async (lend) => {
    const given = { input: lend(onDevice(gpu, input)), residual: residual && lend(onDevice(gpu, residual)) };
    const output = (over && given[over]) ?? lend(gpu.tensor(expected.length));
    const { launch } = kernel.bind({ ...given, output, weight, bias, count, resid: false }, lend);
    // Whatever was found out while it was bound may have left something there.
    gpu.upload(given.input, input);
    if (given.residual) gpu.upload(given.residual, residual!);
    if (!over) gpu.fill(output, Number.NaN).run();
    gpu.graph([launch]).run();
    const result = new Float32Array(expected.length);
    await gpu.downloadAsync(output, result);
    return result;
  });
}
