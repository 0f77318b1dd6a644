import { problemName } from '../../../generator/name.js';
import { requirePlain } from '../../../generator/operations/cuda/product.js';
import { operationName } from '../../../generator/operations/operation.js';
import type { CudaDevice } from '../../cuda/device.js';
import { kernelPerStep } from '../kernel_per_step.js';
import type { PlanOptions } from '../plan_options.js';
import type { Step } from '../step.js';
import { convolutionKernel } from './convolution_kernel.js';
import type { CudaStepKernel } from './kernel.js';
import { operationKernel } from './operation_kernel.js';
import { productKernel } from './product_kernel.js';
import type { Multiplier } from './product_way.js';

interface KernelOptions extends PlanOptions {
  /** Undefined where there is no cuBLASLt: products have a kernel of their own then. */
  readonly multiplier: Multiplier | undefined;
  /** Whether a stem may multiply in TF32. */
  readonly tf32: boolean;
}

/**
 * The kernels of steps, one a step.
 * @throws DeviceError if one cannot be had
 * @throws ProblemError if a product is fused with what stands beside it, or a stem is one step that has no room
 */
export function kernelsOf(
  steps: readonly Step[],
  device: CudaDevice,
  { onKernel, ...options }: KernelOptions,
): Promise<readonly CudaStepKernel[]> {
  return kernelPerStep(steps, keyOf, (step) => load(step, device, options), onKernel);
}

/** The library of products has a way for each number of rows. */
function keyOf(step: Step): string {
  if (step.kind === 'convolution') return problemName(step.problem);
  const name = operationName(step.operation);
  return step.operation.kind === 'product' ? `${name} x${step.count}` : name;
}

async function load(
  step: Step,
  device: CudaDevice,
  { multiplier, tf32, ...options }: KernelOptions,
): Promise<CudaStepKernel> {
  if (step.kind === 'convolution') return convolutionKernel(step.problem, device, options);
  const { operation, count } = step;
  if (operation.kind !== 'product' || !multiplier) return operationKernel(step, device, tf32, options);
  requirePlain(operation, true);
  return productKernel(operation, count, device, multiplier, options);
}
