import { kernelGrid, type LaunchPlan, partialFloats, reduceGrid } from '../../generator/launch.js';
import type { Problem } from '../../generator/problem.js';
import { type BinaryPair, backwardParts, type GradientBinary } from '../gradient_dispatch.js';
import type { CheckedTensors } from '../gradient_tensors.js';
import { cudaConvolution } from './convolution.js';
import type { CudaBinary } from './dispatch.js';
import { type CudaKernel, loadKernels } from './kernel.js';
import { type CudaLaunch, fillOf, inOrder, kernelLaunch } from './launch.js';
import { keeping } from './lend.js';
import { packedWeights } from './packed.js';
import type { Queue } from './queue.js';
import { type CudaTensor, deviceTensor } from './tensor.js';
import { tensorMaps } from './tensor_map.js';

/** A gradient with its tensors. */
export interface CudaGradientLaunch extends CudaLaunch {
  /** Gives the memory of its partial sums back, see {@link CudaTensor.free}. */
  free(): void;
}

/** The kernels of a gradient, which take for granted that what they are given was checked. */
export interface GradientEngine {
  /** The one that it runs, or wgrad's of two. */
  readonly kernel: CudaKernel;
  prepare(weight: Float32Array | undefined, resid: boolean): PreparedEngine;
}

interface PreparedEngine {
  bind(tensors: CheckedTensors<CudaTensor>): CudaGradientLaunch;
  free(): void;
}

/** @throws DeviceError if a binary cannot be loaded */
export function gradientEngine(
  problem: Problem,
  binary: GradientBinary<CudaBinary>,
  queue: Queue,
): GradientEngine {
  return 'dgrad' in binary ? pairEngine(problem, binary, queue) : kernelEngine(problem, binary, queue);
}

function kernelEngine(problem: Problem, binary: CudaBinary, queue: Queue): GradientEngine {
  const kernels = loadKernels(problem, binary, queue);
  const { plan, symbol } = binary;
  return {
    kernel: kernels.facts,
    prepare(weight, resid) {
      const packed = weight && packedWeights({ problem, binary, kernels, queue }, { weight, resid });
      return {
        bind(tensors) {
          const { input, grad, inputGrad, weightGrad, biasGrad, batch } = tensors;
          const tail = [Int32Array.of(batch), ...tensorMaps(plan, tensors, batch), ...kernels.tail];
          return keeping(partialSums(plan, batch, queue), (partial) => {
            const all = [input, grad, packed, inputGrad, weightGrad, biasGrad, partial];
            const args = [...all.map((tensor) => tensor?.native ?? null), ...tail];
            const launch = kernelLaunch(symbol, kernels.run, kernelGrid(plan, batch), args, queue);
            const sums = [partial, weightGrad, biasGrad].map(({ native }) => native);
            const grid = reduceGrid(plan, batch);
            const reduction =
              grid &&
              kernelLaunch(
                `${symbol}_reduce`,
                kernels.reduce!,
                grid,
                [...sums, Int32Array.of(batch), ...kernels.tail],
                queue,
                plan.partial!.reduction!.early,
              );
            const whole = reduction ? inOrder(queue, [launch, reduction]) : launch;
            return Object.freeze({ ...whole, free: partial.free });
          });
        },
        free: () => packed?.free(),
      };
    },
  };
}

/** Zeroed once: a kernel that has counters leaves them as it found them. */
function partialSums(plan: LaunchPlan, batch: number, queue: Queue): CudaTensor {
  return keeping(deviceTensor(queue, partialFloats(plan, batch)), (sums) => {
    fillOf(queue, sums, 0).run();
    queue.stream.synchronize(); // the kernel may run on another stream
    return sums;
  });
}

/** dgrad, then wgrad. */
function pairEngine(problem: Problem, binaries: BinaryPair<CudaBinary>, queue: Queue): GradientEngine {
  const parts = backwardParts(problem);
  const dgrad = cudaConvolution(parts.dgrad, binaries.dgrad, queue);
  const wgrad = kernelEngine(parts.wgrad, binaries.wgrad, queue);
  return {
    kernel: wgrad.kernel,
    prepare(weight, resid) {
      const first = dgrad.prepare({ weight: weight!, resid });
      const second = wgrad.prepare(undefined, false);
      return {
        bind({ inputGrad, ...tensors }) {
          const { grad, batch } = tensors;
          const before = first.bind({ input: grad, output: inputGrad!, batch });
          const { free, ...after } = second.bind(tensors);
          return Object.freeze({ ...inOrder(queue, [before, after]), free });
        },
        free: first.free,
      };
    },
  };
}
