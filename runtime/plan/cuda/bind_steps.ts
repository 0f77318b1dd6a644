import type { CudaLaunch } from '../../cuda/launch.js';
import type { Lend } from '../../cuda/lend.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import type { Plan } from '../plan.js';
import type { PlanBuffer, Step } from '../step.js';
import type { CudaStepKernel } from './kernel.js';

/** Where each of a plan's buffers lies in memory. */
export type Views = (buffer: PlanBuffer) => CudaTensor;

/** A step that is ready to run. */
export interface BoundStep {
  readonly name: string;
  /** The kernel's, or the library's routine. */
  readonly kernel: string;
  readonly launch: CudaLaunch;
}

/** Reads each step's parameters and brings them to the device, one step after the other: a network's are not held twice. */
export async function bindSteps(
  { steps, batch }: Plan,
  kernels: readonly CudaStepKernel[],
  view: Views,
  lend: Lend,
): Promise<readonly BoundStep[]> {
  const bound: BoundStep[] = [];
  for (const [i, step] of steps.entries()) bound.push(await bindStep(step, kernels[i]!, view, batch, lend));
  return bound;
}

async function bindStep(
  step: Step,
  kernel: CudaStepKernel,
  view: Views,
  batch: number,
  lend: Lend,
): Promise<BoundStep> {
  const { name, input, output } = step;
  const [weight = null, bias = null] = [await step.weight?.read(), await step.bias?.read()];
  const arrays = { input: view(input), output: view(output), weight, bias };
  const rest =
    step.kind === 'convolution'
      ? { residual: null, resid: step.resid, count: batch }
      : { residual: step.residual && view(step.residual), resid: false, count: step.count };
  return Object.freeze({ name, kernel: kernel.name, launch: kernel.bind({ ...arrays, ...rest }, lend) });
}
