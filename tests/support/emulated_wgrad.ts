import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../generator/families/cuda_general.js';
import { kernelGrid, partialFloats } from '../../generator/launch.js';
import { inputElements, outputElements, type Problem, weightsOf } from '../../generator/problem.js';
import { emulatedShape } from './emulated_kernel.js';
import type { EmulatedRun } from './emulation.js';
import type { WgradOperands } from './formula.js';

/** A run of the general wgrad kernel over operands that are the last part of larger ones, whose blocks are left out. */
export interface WgradRun {
  /** All of it, with the images that are left out. */
  readonly problem: Problem;
  readonly operands: WgradOperands;
  /** How often it is launched, with the counters as the launch before left them. */
  readonly launches: number;
  /** Blocks that would come before; their rows of partial sums are zero. */
  readonly firstBlock?: number;
}

const NAME = CUDA_GENERAL_KERNELS.wgrad;

/** The kernel, and one that counts blocks as done which are left out. */
const TEXT = `${cudaGeneralKernel('wgrad')}
extern "C" __global__ void count_blocks(float* partial, int counters, unsigned done) {
  for (int i = 0; i < counters; ++i) reinterpret_cast<unsigned*>(partial)[i] = done;
}`;

/** The outputs are dw [C,K] and db [C], of one launch after the other. */
export function emulatedWgrad({ problem, operands, launches, firstBlock = 0 }: WgradRun): EmulatedRun {
  const { input, grad } = operands;
  const { batch, channels } = problem;
  const kernel = weightsOf(problem);
  const plan = cudaGeneralLaunch('wgrad', problem);
  const { fixedFloats: counters } = plan.partial!;
  const { tables, argument } = emulatedShape(problem);
  const skipped = {
    kernel: 'count_blocks',
    args: `partial, ${counters}, ${firstBlock / counters}`,
    blocks: 1,
    threads: 1,
    sharedBytes: 0,
  };
  const outputs = (channels: number, at: number) =>
    `output + ${at * channels * (kernel + 1)}, output + ${at * channels * (kernel + 1) + channels * kernel}`;
  return {
    text: TEXT,
    inputs: {
      input: { data: input, lead: inputElements(problem) - input.length },
      grad: { data: grad, lead: outputElements(problem) - grad.length },
      ...tables,
    },
    zeroed: { partial: partialFloats(plan, batch) },
    output: { length: launches * channels * (kernel + 1) },
    launches: Array.from({ length: launches }, (_, at) => [
      ...(firstBlock > 0 ? [skipped] : []),
      {
        kernel: NAME,
        args: `input, grad, nullptr, nullptr, ${outputs(channels, at)}, partial, ${batch}, ${argument}`,
        ...kernelGrid(plan, batch),
        sharedBytes: plan.sharedBytes,
        firstBlock,
      },
    ]).flat(),
  };
}
