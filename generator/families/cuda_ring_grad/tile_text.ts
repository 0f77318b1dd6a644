import { chunked } from '../../text.js';
import { type GroupText, groupTexts, type LineForm, skippedTexts } from '../box_text.js';
import type { LineBody } from '../gradient_chunk.js';
import { beginnings, ownFirst, tileUses } from '../gradient_tile_text.js';
import { type RingGradPlan, STRAIGHT } from './plan.js';

const PER_LINE = 4;

/** Whether weights that shared memory holds are read in front of each line's loads, and not of all. */
export function readsByLine({ params, gradients }: RingGradPlan): boolean {
  return gradients.ofInput && params.shared === 1 && params.skip === STRAIGHT;
}

/**
 * Whether sums of dx begin as products with the tile's own dy, which is always there: each output meets its own pixel's. Elsewhere
 * they begin as zeros, since a branch may leave any load out.
 */
export function beginsByProduct({ params, gradients }: RingGradPlan): boolean {
  return gradients.ofInput && params.skip === 0;
}

/** A tile's loads with what they are for. */
export function loadTexts(plan: RingGradPlan, body: LineBody, form: LineForm): readonly GroupText[] {
  const { params, gradients } = plan;
  const { part, taps } = body;
  const { slots } = part;
  const uses = tileUses(body, gradients, beginsByProduct(plan) ? beginnings(form) : undefined);
  if (params.skip === 0) return ownFirst(groupTexts(form, uses));
  if (!readsByLine(plan)) return skippedTexts(form, uses);
  // A line has taps of its own, so that few weights are held at a time.
  return skippedTexts(form, uses, (loads) => {
    const used = new Set(loads.flatMap((load) => load.uses.map(({ tap }) => slots[tap]!)));
    const reads = [...used].sort((a, b) => a - b).map((slot) => `w[${slot}] = weights[${slot} * SLAB];`);
    return [`float w[${taps.taps.length}];`, ...chunked(reads, PER_LINE, ' ')];
  });
}
