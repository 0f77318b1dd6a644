import type { Problem } from '../../generator/problem.js';
import { type Arguments, batchOf, type Parameters } from '../convolution.js';
import type { Origin } from '../dispatch.js';
import { inputDimensions, outputDimensions, requireFloats, size } from '../tensor.js';
import type { CudaBinary } from './dispatch.js';
import { type CudaKernel, loadKernels } from './kernel.js';
import { type Lend, lending, lendingAsync } from './lend.js';
import { type CudaPrepared, prepared, type Setting } from './prepared.js';
import type { Queue } from './queue.js';
import { deviceTensor, download, downloadAsync, upload, uploadAsync } from './tensor.js';

/** A kernel that is ready for a problem on a GPU. */
export interface CudaConvolution {
  readonly kind: 'cuda-convolution';
  readonly problem: Problem;
  readonly origin: Origin;
  readonly kernel: CudaKernel;
  /** Folds and reorders the weights on the device, once for many runs. @throws DeviceError */
  prepare(parameters: Parameters): CudaPrepared;
  /** Uploads, packs, runs and downloads: for a single call with arrays of the host. @throws DeviceError */
  run(args: Arguments): Float32Array;
  /** The same with the waiting off the JavaScript thread; leave the arrays alone until it resolves. */
  runAsync(args: Arguments): Promise<Float32Array>;
}

/** @throws DeviceError if the binary cannot be loaded */
export function cudaConvolution(problem: Problem, binary: CudaBinary, queue: Queue): CudaConvolution {
  const kernels = loadKernels(problem, binary, queue);
  const setting = { problem, binary, kernels, queue };
  return Object.freeze<CudaConvolution>({
    kind: 'cuda-convolution',
    problem,
    origin: binary.origin,
    kernel: kernels.facts,
    prepare: (parameters) => prepared(setting, parameters),
    run: (args) =>
      lending((lend) => {
        const { input, output, run, result } = staged(setting, args, lend);
        upload(queue, input, args.input);
        run();
        download(queue, output, result);
        return result;
      }),
    runAsync: (args) =>
      lendingAsync(async (lend) => {
        const { input, output, run, result } = staged(setting, args, lend);
        await uploadAsync(queue, input, args.input);
        run();
        await downloadAsync(queue, output, result);
        return result;
      }),
  });
}

/** Everything on the device that one call with arrays of the host needs. */
function staged(setting: Setting, args: Arguments, lend: Lend) {
  const { problem, queue } = setting;
  const batch = batchOf(problem, args);
  const dims = outputDimensions(problem, batch);
  requireFloats('input', args.input, inputDimensions(problem, batch));
  const result = args.output ?? new Float32Array(size(dims));
  requireFloats('output', result, dims);
  const weights = lend(prepared(setting, args));
  const input = lend(deviceTensor(queue, args.input.length));
  const output = lend(deviceTensor(queue, result.length));
  const { run } = weights.bind({ input, output, batch });
  return { input, output, run, result };
}
