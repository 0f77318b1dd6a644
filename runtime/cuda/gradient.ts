import type { Problem } from '../../generator/problem.js';
import { arrayOverlap } from '../apart.js';
import type { GradientArguments } from '../gradient.js';
import type { GradientBinary, GradientOrigin } from '../gradient_dispatch.js';
import {
  type CheckedTensors,
  checkedTensors,
  type GradientParameters,
  type Gradients,
  outputsOf,
} from '../gradient_tensors.js';
import { requireFloats } from '../tensor.js';
import type { CudaBinary } from './dispatch.js';
import { type GradientEngine, gradientEngine } from './gradient_engine.js';
import type { CudaKernel } from './kernel.js';
import { type Lend, lending, lendingAsync } from './lend.js';
import { type CudaPreparedGradient, preparedGradient } from './prepared_gradient.js';
import type { Queue } from './queue.js';
import { type CudaTensor, deviceTensor, download, downloadAsync, upload, uploadAsync } from './tensor.js';

/** wgrad or backward, ready for a problem on a GPU. Its results are the same to the last bit each time. */
export interface CudaGradient {
  readonly kind: 'cuda-gradient';
  readonly problem: Problem;
  readonly origin: GradientOrigin;
  /** The one that it runs, or wgrad's where backward takes two. */
  readonly kernel: CudaKernel;
  /** Folds and reorders the weights of backward on the device, once for many runs; wgrad has none. @throws DeviceError */
  prepare(parameters: GradientParameters): CudaPreparedGradient;
  /** Uploads, packs, runs and downloads: for a single call with arrays of the host. @throws DeviceError */
  run(args: GradientArguments): Gradients;
  /** The same with the waiting off the JavaScript thread; leave the arrays alone until it resolves. */
  runAsync(args: GradientArguments): Promise<Gradients>;
}

/** @throws DeviceError if a binary cannot be loaded */
export function cudaGradient(
  problem: Problem,
  binary: GradientBinary<CudaBinary>,
  queue: Queue,
): CudaGradient {
  const engine = gradientEngine(problem, binary, queue);
  return Object.freeze<CudaGradient>({
    kind: 'cuda-gradient',
    problem,
    origin: binary.origin,
    kernel: engine.kernel,
    prepare: (parameters) => preparedGradient(problem, engine, parameters),
    run: (args) =>
      lending((lend) => {
        const { reads, writes, run, outputs } = staged(problem, engine, queue, args, lend);
        for (const [tensor, array] of reads) upload(queue, tensor, array);
        run();
        for (const [tensor, array] of writes) download(queue, tensor, array);
        return outputs;
      }),
    runAsync: (args) =>
      lendingAsync(async (lend) => {
        const { reads, writes, run, outputs } = staged(problem, engine, queue, args, lend);
        for (const [tensor, array] of reads) await uploadAsync(queue, tensor, array);
        run();
        for (const [tensor, array] of writes) await downloadAsync(queue, tensor, array);
        return outputs;
      }),
  });
}

type Transfer = readonly [CudaTensor, Float32Array];

/** Everything on the device that one call with arrays of the host needs. */
function staged(problem: Problem, engine: GradientEngine, queue: Queue, args: GradientArguments, lend: Lend) {
  const outputs = outputsOf(problem, args);
  const { batch, ...arrays } = checkedTensors(problem, { ...args, ...outputs }, requireFloats, arrayOverlap);
  const weights = lend(preparedGradient(problem, engine, args));
  const transfers = Object.entries(arrays).map(
    ([name, array]) => [name, lend(deviceTensor(queue, array.length)), array] as const,
  );
  const tensors = Object.fromEntries(transfers.map(([name, tensor]) => [name, tensor]));
  const { run } = lend(weights.bind({ ...tensors, batch } as unknown as CheckedTensors<CudaTensor>));
  const chosen = (written: boolean) =>
    transfers
      .filter(([name]) => name in outputs === written)
      .map(([, tensor, array]): Transfer => [tensor, array]);
  return { reads: chosen(false), writes: chosen(true), run, outputs };
}
