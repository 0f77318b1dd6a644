import type { LaunchPlan } from '../launch.js';
import { outputSize, type Problem } from '../problem.js';
import { render } from '../template.js';

/** The kernel that takes every shape at run time, on a GPU; `<name>_pack` writes its weights. */
export const CUDA_GENERAL_KERNEL = 'cuda_general_fprop_f32';

/** Below generated/. */
export const CUDA_GENERAL_FILE = `general/${CUDA_GENERAL_KERNEL}.cu`;

const TEMPLATE = 'cuda/general_fprop.cu.hbs';
const THREADS = 256;
/** Outputs a thread: more would leave small planes with too few threads to hide the loads behind. */
const ROWS = 4;

/** The general kernel's text: fprop, float32, both layouts. `library refresh` writes it to {@link CUDA_GENERAL_FILE}. */
export function cudaGeneralKernel(): string {
  return render(TEMPLATE, {
    name: CUDA_GENERAL_KERNEL,
    template: TEMPLATE,
    command: 'oriented1d library refresh',
    threads: THREADS,
    rows: ROWS,
  });
}

/** How it is launched for a problem, whatever the batch. Both of its kernels take the shape as a last argument. */
export function cudaGeneralLaunch(problem: Problem): LaunchPlan {
  const { height, width } = outputSize(problem);
  return Object.freeze({
    kind: 'launch-plan',
    threads: THREADS,
    blocks: Math.ceil((problem.channels * width * Math.ceil(height / ROWS)) / THREADS),
    images: 1,
    sharedBytes: 0,
    packedFloats: (problem.kernel + 1) * problem.channels,
  });
}
