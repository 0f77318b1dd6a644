import type { LaunchPlan } from '../launch.js';
import { outputSize, type Problem, weightsOf } from '../problem.js';
import { render } from '../template.js';
import { cudaGeneralWgradLaunch, WGRAD } from './cuda_general_wgrad.js';
import type { GeneralOp } from './general_name.js';

/** The kernels that take every shape at run time, on a GPU; `<name>_pack` writes their weights, but for wgrad, which has none. */
export const CUDA_GENERAL_KERNELS = {
  fprop: 'cuda_general_fprop_f32',
  dgrad: 'cuda_general_dgrad_f32',
  wgrad: 'cuda_general_wgrad_f32',
} as const satisfies Record<GeneralOp, string>;

const THREADS = 256;
/** Outputs a thread: more would leave small planes with too few threads to hide the loads behind. */
const ROWS = 4;

/** Where an operation's lies below generated/. */
export function cudaGeneralFile(op: GeneralOp): string {
  return `general/${CUDA_GENERAL_KERNELS[op]}.cu`;
}

/** A general kernel's text: float32, both layouts. `library refresh` writes it to {@link cudaGeneralFile}. */
export function cudaGeneralKernel(op: GeneralOp): string {
  const template = `cuda/general_${op}.cu.hbs`;
  return render(template, {
    name: CUDA_GENERAL_KERNELS[op],
    template,
    command: 'oriented1d library refresh',
    threads: THREADS,
    ...(op === 'wgrad' ? WGRAD : { rows: ROWS }),
  });
}

/** How an operation's is launched for a problem, whatever the batch. All of them take the shape as a last argument. */
export function cudaGeneralLaunch(op: GeneralOp, problem: Problem): LaunchPlan {
  switch (op) {
    case 'fprop':
    case 'dgrad':
      return convolutionLaunch(problem, columnsOfThreads(op, problem));
    case 'wgrad':
      return cudaGeneralWgradLaunch(problem);
    default:
      return op satisfies never;
  }
}

/** @param threads how many compute an image's channel */
function convolutionLaunch(problem: Problem, threads: number): LaunchPlan {
  const { channels } = problem;
  return Object.freeze({
    kind: 'launch-plan',
    threads: THREADS,
    blocks: Math.ceil((channels * threads) / THREADS),
    images: 1,
    sharedBytes: 0,
    packedFloats: (weightsOf(problem) + 1) * channels,
  });
}

function columnsOfThreads(op: 'fprop' | 'dgrad', problem: Problem): number {
  const { stride } = problem;
  const { height, width } = outputSize(problem);
  switch (op) {
    case 'fprop':
      return width * Math.ceil(height / ROWS);
    case 'dgrad': {
      // Rows and columns go by their remainders by the stride, and each has as many as the first.
      const columns = Math.min(stride, width) * Math.ceil(width / stride);
      return columns * Math.min(stride, height) * Math.ceil(Math.ceil(height / stride) / ROWS);
    }
    default:
      return op satisfies never;
  }
}
