import { availableParallelism } from 'node:os';
import { sideBySide } from '../side_by_side.js';
import type { PlanOptions } from './plan_options.js';
import type { Step } from './step.js';

/**
 * The kernels of steps, each loaded once, several side by side.
 * @param keyOf the same for steps that have one kernel
 * @returns one a step, in their order
 */
export async function kernelPerStep<K>(
  steps: readonly Step[],
  keyOf: (step: Step) => string,
  load: (step: Step) => Promise<K>,
  onKernel: PlanOptions['onKernel'],
): Promise<readonly K[]> {
  const distinct = new Map(steps.map((step) => [keyOf(step), step]));
  let done = 0;
  const loaded = await sideBySide([...distinct], availableParallelism(), async ([key, step]) => {
    const kernel = await load(step);
    done += 1;
    onKernel?.(done, distinct.size);
    return [key, kernel] as const;
  });
  const kernels = new Map(loaded);
  return steps.map((step) => kernels.get(keyOf(step))!);
}
