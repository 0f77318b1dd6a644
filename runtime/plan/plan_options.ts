import type { DispatchOptions } from '../dispatch.js';

/** Of every device's plans. */
export interface PlanOptions extends DispatchOptions {
  /** Told of each kernel that is ready, of so many: those that were never compiled before take their time. */
  readonly onKernel?: (done: number, total: number) => void;
}
