import type { Phase } from './phase.js';
import type { RegionGradPlan } from './plan.js';

/** Which warps add up a direction's sum, and where each has its share: the bias is behind all taps, and met where the centre is. */
export function heldText(
  phases: readonly Phase[],
  direction: number,
  slot: number,
  { slots, taps }: Pick<RegionGradPlan, 'slots' | 'taps'>,
): string {
  const ofBias = slot === slots - 1;
  const phase = phases.find(
    (one) => one.direction === direction && one.part.slots.includes(ofBias ? one.body.centre : slot),
  );
  if (!phase) return '{0, 0, 0}';
  return `{${phase.first}, ${phase.warps}, ${ofBias ? taps : phase.part.slots.indexOf(slot)}}`;
}
