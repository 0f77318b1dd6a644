import { problemName } from '../../../generator/name.js';
import { operationName } from '../../../generator/operations/operation.js';
import type { CpuDevice } from '../../cpu.js';
import type { DispatchOptions } from '../../dispatch.js';
import { kernelPerStep } from '../kernel_per_step.js';
import type { PlanOptions } from '../plan_options.js';
import type { Step } from '../step.js';
import { convolutionKernel } from './convolution_kernel.js';
import type { CpuKernel } from './kernel.js';
import { operationKernel } from './operation_kernel.js';

/** The kernels of steps, one a step. @throws DeviceError if one cannot be had */
export function kernelsOf(
  steps: readonly Step[],
  device: CpuDevice,
  { onKernel, ...options }: PlanOptions,
): Promise<readonly CpuKernel[]> {
  return kernelPerStep(steps, keyOf, (step) => load(step, device, options), onKernel);
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
