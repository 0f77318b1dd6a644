import { availableParallelism } from 'node:os';
import { problemName } from '../../../generator/name.js';
import { operationName } from '../../../generator/operations/operation.js';
import type { CpuDevice } from '../../cpu.js';
import type { DispatchOptions } from '../../dispatch.js';
import { sideBySide } from '../../side_by_side.js';
import type { Step } from '../step.js';
import { convolutionKernel } from './convolution_kernel.js';
import type { CpuKernel } from './kernel.js';
import { operationKernel } from './operation_kernel.js';

export interface CpuPlanOptions extends DispatchOptions {
  /** Told of each kernel that is ready, of so many: those that were never compiled before take their time. */
  readonly onKernel?: (done: number, total: number) => void;
}

/**
 * The kernels of steps, each loaded once, several side by side.
 * @returns one a step, in their order
 * @throws DeviceError if one cannot be had
 */
export async function kernelsOf(
  steps: readonly Step[],
  device: CpuDevice,
  { onKernel, ...options }: CpuPlanOptions,
): Promise<readonly CpuKernel[]> {
  const distinct = new Map(steps.map((step) => [keyOf(step), step]));
  let done = 0;
  const loaded = await sideBySide([...distinct], availableParallelism(), async ([key, step]) => {
    const kernel = await load(step, device, options);
    done += 1;
    onKernel?.(done, distinct.size);
    return [key, kernel] as const;
  });
  const kernels = new Map(loaded);
  return steps.map((step) => kernels.get(keyOf(step))!);
}

function keyOf(step: Step): string {
  return step.kind === 'convolution' ? problemName(step.problem) : operationName(step.operation);
}

function load(step: Step, device: CpuDevice, options: DispatchOptions): Promise<CpuKernel> {
  switch (step.kind) {
    case 'convolution':
      return convolutionKernel(step.problem, device, options);
    case 'operation':
      return operationKernel(step.operation, device, options);
    default:
      return step satisfies never;
  }
}
