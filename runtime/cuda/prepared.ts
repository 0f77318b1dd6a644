import { type Grid, kernelGrid, type LaunchPlan, packGrid } from '../../generator/launch.js';
import type { Problem } from '../../generator/problem.js';
import { batchOf, kernelParameters, type Parameters } from '../convolution.js';
import { DeviceError } from '../errors.js';
import { inputDimensions, outputDimensions } from '../tensor.js';
import { cudaAddon, type NativeArgument, type NativeFunction } from './addon.js';
import type { CudaBinary } from './dispatch.js';
import type { LoadedKernels } from './kernel.js';
import { type CudaLaunch, launchOf } from './launch.js';
import { lending } from './lend.js';
import type { Queue } from './queue.js';
import { type CudaTensor, deviceTensor, requireTensor, upload } from './tensor.js';

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
      const { input, output } = bindings;
      const batch = batchOf(problem, bindings);
      requireTensor('input', input, inputDimensions(problem, batch));
      requireTensor('output', output, outputDimensions(problem, batch));
      requireApart(input, output);
      const arrays = [input.native, packed.native, output.native];
      const args = [...arrays, Int32Array.of(batch), ...inputMap(plan, input, batch), ...kernels.tail];
      return launch(binary.symbol, kernels.run, kernelGrid(plan, batch), args, queue);
    },
    free: packed.free,
  });
}

function packedWeights(setting: Setting, parameters: Parameters): CudaTensor {
  const { problem, binary, queue } = setting;
  const given = kernelParameters(problem, parameters);
  const packed = deviceTensor(queue, binary.plan.packedFloats);
  try {
    pack(setting, given, packed);
    return packed;
  } catch (error) {
    packed.free();
    throw error;
  }
}

/** Runs `<kernel>_pack`, with weights and bias on the device for as long as it takes. */
function pack(
  { binary, kernels, queue }: Setting,
  { weight, bias, resid }: ReturnType<typeof kernelParameters>,
  packed: CudaTensor,
): void {
  lending((lend) => {
    const onDevice = (array: Float32Array) => {
      const copy = lend(deviceTensor(queue, array.length));
      upload(queue, copy, array);
      return copy.native;
    };
    const centre = Float32Array.of(resid ? 1 : 0);
    const args = [onDevice(weight), bias ? onDevice(bias) : null, centre, packed.native, ...kernels.tail];
    launch(`${binary.symbol}_pack`, kernels.pack, packGrid(binary.plan), args, queue).run();
    queue.stream.synchronize();
  });
}

/** The tensor map of the input, for a kernel that takes one. */
function inputMap({ inputMap: map }: LaunchPlan, { native }: CudaTensor, batch: number): NativeArgument[] {
  return map ? [{ buffer: native, sizes: [...map.sizes, batch], box: map.box }] : [];
}

function launch(
  symbol: string,
  kernel: NativeFunction,
  { blocks, threads }: Grid,
  args: readonly NativeArgument[],
  queue: Queue,
): CudaLaunch {
  if (blocks >= 2 ** 31)
    throw new DeviceError('user', {
      code: 'grid-range',
      value: blocks,
      rule: `${symbol} would need more blocks than the 2147483647 that a launch can have`,
      remedy: 'use a smaller batch',
    });
  return launchOf(queue, symbol, () =>
    cudaAddon().launch(kernel, blocks, threads, args, queue.stream.native),
  );
}

// Outputs are written while their neighbours' inputs are still to be read.
function requireApart(input: CudaTensor, output: CudaTensor): void {
  if (input !== output) return;
  throw new DeviceError('user', {
    code: 'output-overlap',
    value: 'one tensor',
    rule: 'input and output must not share memory',
    remedy: 'convolve into another tensor',
  });
}
