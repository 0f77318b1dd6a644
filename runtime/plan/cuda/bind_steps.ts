import type { Lend } from '../../cuda/lend.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import type { Plan } from '../plan.js';
import type { PlanBuffer } from '../step.js';
import { stepOperands } from '../step_operands.js';
import type { BoundKernel, CudaStepKernel } from './kernel.js';

/** Where each of a plan's buffers lies in memory. */
export type Views = (buffer: PlanBuffer) => CudaTensor;

/** A step that is ready to run. */
export interface BoundStep extends BoundKernel {
  readonly name: string;
}

/** Reads each step's parameters and brings them to the device, one step after the other: a network's are not held twice. */
export async function bindSteps(
  { steps, batch }: Plan,
  kernels: readonly CudaStepKernel[],
  view: Views,
  lend: Lend,
): Promise<readonly BoundStep[]> {
  const bound: BoundStep[] = [];
  for (const [i, step] of steps.entries()) {
    const operands = await stepOperands(step, view, batch);
    bound.push(Object.freeze({ name: step.name, ...kernels[i]!.bind(operands, lend) }));
  }
  return bound;
}
