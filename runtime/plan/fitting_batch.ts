import type { Plan } from './plan.js';

/** How many images of a plan's size an arena of so many bytes holds: it grows with the batch. */
export function fittingBatch({ batch, arena }: Plan, bytes: number): number {
  return Math.max(0, Math.floor((batch * bytes) / (4 * arena.elements)));
}
