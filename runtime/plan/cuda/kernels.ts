import { availableParallelism } from 'node:os';
import { problemName } from '../../../generator/name.js';
import { requirePlain } from '../../../generator/operations/cuda/product.js';
import { operationName } from '../../../generator/operations/operation.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { DispatchOptions } from '../../dispatch.js';
import { sideBySide } from '../../side_by_side.js';
import type { Step } from '../step.js';
import { convolutionKernel } from './convolution_kernel.js';
import type { CudaStepKernel } from './kernel.js';
import { operationKernel } from './operation_kernel.js';
import { type Multiplier, productKernel } from './product_kernel.js';

export interface KernelOptions extends DispatchOptions {
  /** Undefined where there is no cuBLASLt: products have a kernel of their own then. */
  readonly multiplier: Multiplier | undefined;
  /** Told of each kernel that is ready, of so many: those that were never compiled before take their time. */
  readonly onKernel?: (done: number, total: number) => void;
}

/**
 * The kernels of steps, each loaded once, several side by side.
 * @returns one a step, in their order
 * @throws DeviceError if one cannot be had
 * @throws ProblemError if a product is fused with what stands beside it
 */
export async function kernelsOf(
  steps: readonly Step[],
  device: CudaDevice,
  { onKernel, ...options }: KernelOptions,
): Promise<readonly CudaStepKernel[]> {
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

/** The library of products has a way for each number of rows. */
function keyOf(step: Step): string {
  if (step.kind === 'convolution') return problemName(step.problem);
  const name = operationName(step.operation);
  return step.operation.kind === 'product' ? `${name} x${step.count}` : name;
}

async function load(
  step: Step,
  device: CudaDevice,
  { multiplier, ...options }: KernelOptions,
): Promise<CudaStepKernel> {
  if (step.kind === 'convolution') return convolutionKernel(step.problem, device, options);
  const { operation, count } = step;
  if (operation.kind === 'product') requirePlain(operation);
  return operation.kind === 'product' && multiplier
    ? productKernel(operation, count, device, multiplier)
    : operationKernel(operation, device, options);
}
