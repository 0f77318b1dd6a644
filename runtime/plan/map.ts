import type { PlanBuffer } from './step.js';

/** A buffer as a map [N,H,W,C] of the plan's batch, or as rows [N,C] with H = W = 1; the images are [N,C,H,W]. */
export interface PlanMap {
  readonly buffer: PlanBuffer;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export function pixelsOf({ height, width }: Pick<PlanMap, 'height' | 'width'>): number {
  return height * width;
}
