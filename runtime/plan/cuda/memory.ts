import type { CudaDevice } from '../../cuda/device.js';
import { DeviceError } from '../../errors.js';
import { fittingBatch } from '../fitting_batch.js';
import { parameterElements } from '../parameter_elements.js';
import type { Plan } from '../plan.js';

/** Of what products are computed in: what cuBLAS itself takes on an H100. */
export const WORKSPACE_BYTES = 32 << 20;

/** Bytes of a plan on a device. */
export interface PlanBytes {
  /** Grows with the batch. */
  readonly arena: number;
  /** Parameters, and what kernels need beside them. */
  readonly fixed: number;
}

/** @param beside what kernels need beside the parameters */
export function planBytes({ arena, steps }: Plan, beside: number): PlanBytes {
  const parameters = steps.reduce((sum, step) => sum + parameterElements(step), 0);
  return { arena: 4 * arena.elements, fixed: 4 * parameters + beside };
}

/** @throws DeviceError if a device has not so much memory left: it names the batch that would fit */
export function requireMemory(plan: Plan, { arena, fixed }: PlanBytes, device: CudaDevice): void {
  const { freeBytes, totalBytes } = device.memory();
  const needed = arena + fixed;
  if (needed <= freeBytes) return;
  const fits = fittingBatch(plan, freeBytes - fixed);
  throw new DeviceError('system', {
    code: 'plan-memory',
    value: `[${plan.batch}, 3, ${plan.height}, ${plan.width}]`,
    rule: `images of this size need ${needed} bytes, and of the ${totalBytes} of ${device.name} ${freeBytes} are free`,
    remedy: fits > 0 ? `use a batch of at most ${fits}` : 'use smaller images, or free memory of the device',
  });
}
