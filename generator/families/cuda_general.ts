import type { LaunchPlan } from '../launch.js';
import { outputSize, type Problem } from '../problem.js';
import { render } from '../template.js';
import type { GeneralOp } from './general_name.js';

/** The kernels that take every shape at run time, on a GPU; `<name>_pack` writes their weights. */
export const CUDA_GENERAL_KERNELS = {
  fprop: 'cuda_general_fprop_f32',
  dgrad: 'cuda_general_dgrad_f32',
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
    rows: ROWS,
  });
}

/** How an operation's is launched for a problem, whatever the batch. Both kernels take the shape as a last argument. */
export function cudaGeneralLaunch(op: GeneralOp, problem: Problem): LaunchPlan {
  return Object.freeze({
    kind: 'launch-plan',
    threads: THREADS,
    blocks: Math.ceil((problem.channels * columnsOfThreads(op, problem)) / THREADS),
    images: 1,
    sharedBytes: 0,
    packedFloats: (problem.kernel + 1) * problem.channels,
  });
}

/** How many threads compute an image's channel. */
function columnsOfThreads(op: GeneralOp, problem: Problem): number {
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
