import type { PlanBuffer } from './step.js';

/** A buffer as a map of the plan's batch, in its layout, or as rows [N,C] with H = W = 1. */
export interface PlanMap {
  readonly buffer: PlanBuffer;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export function pixelsOf({ height, width }: Pick<PlanMap, 'height' | 'width'>): number {
  return height * width;
}
