import { isGradient, type Problem } from '../../generator/problem.js';
import type { Parameters } from '../../runtime/convolution.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaKernel } from '../../runtime/cuda/kernel.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import type { Freeable } from '../../runtime/cuda/lend.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import type { Subject } from './protocol.js';
import type { TensorSet } from './tensors.js';

/** A kernel with its weights on a GPU. */
export interface CudaBinder {
  readonly kernel: CudaKernel;
  readonly bind: (set: TensorSet<CudaTensor>) => CudaLaunch;
  /** Gives back the memory of its weights and of its launches' partial sums. */
  readonly free: () => void;
}

/** As loadOnCpu, on a GPU. @throws DeviceError if it cannot be loaded */
export function loadOnCuda(
  device: CudaDevice,
  problem: Problem,
  { path, kernel: symbol, launch }: Subject,
  parameters: Partial<Parameters>,
): CudaBinder {
  const plan = launch!; // every CUDA kernel's source has one
  if (!isGradient(problem)) {
    const { kernel, prepare } = device.loadBinary(problem, path, plan, symbol);
    const { bind, free } = prepare(parameters as Parameters); // fprop and dgrad have weights
    return { kernel, bind, free };
  }
  const { kernel, prepare } = device.loadGradientBinary(problem, path, plan, symbol);
  const prepared = prepare(parameters);
  const owned: Freeable[] = [prepared];
  return {
    kernel,
    bind(set) {
      const launch = prepared.bind(set);
      owned.push(launch);
      return launch;
    },
    free() {
      for (const one of owned) one.free();
    },
  };
}
