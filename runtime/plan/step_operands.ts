import type { PlanBuffer, Step } from './step.js';

/** What a step is to work on, arrays of a device's own kind; null where it has no such array. */
export interface StepOperands<T> {
  /** Rows of a row operation, images of anything else. */
  readonly count: number;
  /** Of a convolution: whether 1 is added to the centre tap. */
  readonly resid: boolean;
  readonly weight: Float32Array | null;
  readonly bias: Float32Array | null;
  readonly input: T;
  readonly residual: T | null;
  readonly output: T;
}

/**
 * Reads a step's parameters and finds its arrays.
 * @param view where each of a plan's buffers lies in memory
 * @param batch the plan's
 */
export async function stepOperands<T>(
  step: Step,
  view: (buffer: PlanBuffer) => T,
  batch: number,
): Promise<StepOperands<T>> {
  const [weight = null, bias = null] = [await step.weight?.read(), await step.bias?.read()];
  const arrays = { input: view(step.input), output: view(step.output), weight, bias };
  switch (step.kind) {
    case 'convolution':
      return { ...arrays, residual: null, resid: step.resid, count: batch };
    case 'operation':
      return { ...arrays, residual: step.residual && view(step.residual), resid: false, count: step.count };
    default:
      return step satisfies never;
  }
}
