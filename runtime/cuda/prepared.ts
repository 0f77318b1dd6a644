import { kernelGrid } from '../../generator/launch.js';
import type { Problem } from '../../generator/problem.js';
import { requireApart } from '../apart.js';
import { batchOf, type Parameters } from '../convolution.js';
import { inputDimensions, outputDimensions } from '../tensor.js';
import type { CudaBinary } from './dispatch.js';
import type { LoadedKernels } from './kernel.js';
import { type CudaLaunch, kernelLaunch } from './launch.js';
import { packedWeights } from './packed.js';
import type { Queue } from './queue.js';
import { type CudaTensor, requireTensor, tensorOverlap } from './tensor.js';
import { tensorMaps } from './tensor_map.js';

export interface CudaBindings {
  /** [N,C,H,W] or [N,H,W,C], as the problem's layout says; for dgrad dy, as the output is of fprop. */
  readonly input: CudaTensor;
  /** [N,C,ceil(H/s),ceil(W/s)] or [N,ceil(H/s),ceil(W/s),C]; for dgrad dx, as the input is of fprop. */
  readonly output: CudaTensor;
  /** The problem's own unless given: one kernel serves every batch. */
  readonly batch?: number;
}

/** A convolution with its weights, on the device. */
export interface CudaPrepared {
  readonly kind: 'cuda-prepared';
  /** @throws DeviceError if a tensor has another length, or both are one */
  bind(bindings: CudaBindings): CudaLaunch;
  /** Gives the weights' memory back, see {@link CudaTensor.free}. */
  free(): void;
}

/** A kernel of a problem on a device. */
export interface Setting {
  readonly problem: Problem;
  readonly binary: CudaBinary;
  readonly kernels: LoadedKernels;
  readonly queue: Queue;
}

/** @throws DeviceError if weight or bias has another length, or the kernel that packs them fails */
export function prepared(setting: Setting, parameters: Parameters): CudaPrepared {
  const { problem, binary, kernels, queue } = setting;
  const { plan } = binary;
  const packed = packedWeights(setting, parameters);
  return Object.freeze<CudaPrepared>({
    kind: 'cuda-prepared',
    bind(bindings) {
      const batch = batchOf(problem, bindings);
      const { input, output } = bindings;
      requireTensor('input', input, inputDimensions(problem, batch));
      requireTensor('output', output, outputDimensions(problem, batch));
      requireApart({ input }, { output }, tensorOverlap);
      const arrays = [input.native, packed.native, output.native];
      const args = [...arrays, Int32Array.of(batch), ...tensorMaps(plan, { input }, batch), ...kernels.tail];
      return kernelLaunch(binary.symbol, kernels.run, kernelGrid(plan, batch), args, queue);
    },
    free: packed.free,
  });
}
