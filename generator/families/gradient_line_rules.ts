import type { MakePlanRule, MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import type { LineBody } from './gradient_chunk.js';
import { type Gradients, gradientCount } from './gradient_text.js';
import { tooLong } from './limits.js';

// What families have in common that compute gradients of stride 1 in NHWC, and keep the sums of dw in registers.

/** Sums of a channel that registers hold: one for each tap and one for the bias. */
const MAX_SLOTS = 32;

/** What such families compute. @param family its name */
export function lineGradientRules<T>(family: string, rule: MakeRule<T>): readonly Rule[] {
  return [
    rule('kind', ({ op, dtype, layout, stride }) =>
      (op === 'wgrad' || op === 'backward') && dtype === 'f32' && layout === 'nhwc' && stride === 1
        ? undefined
        : `${family} computes wgrad and backward of stride 1 in f32 and NHWC, not ${op} of stride ${stride} in ${dtype} and ${layout}`,
    ),
    // Lines of tiles; and the sums on a square of 7x7 would find no registers.
    rule('filter', ({ filter }) =>
      filter === 'line' ? undefined : `${family} computes lines, not square filters`,
    ),
  ];
}

interface LineGradient {
  readonly bodies: readonly LineBody[];
  readonly gradients: Gradients;
  /** Sums of a channel. */
  readonly slots: number;
}

/** Whether registers hold a channel's sums, and code its tiles. */
export function lineGradientPlanRules<P extends LineGradient>(planRule: MakePlanRule<P>): readonly Rule[] {
  return [
    planRule('taps', ({ slots }) =>
      slots <= MAX_SLOTS
        ? undefined
        : `sums on ${slots - 1} taps and of the bias are more than the ${MAX_SLOTS} that registers hold`,
    ),
    planRule('program-length', ({ bodies, gradients }) =>
      tooLong(
        bodies.map(({ part }) => part),
        gradientCount(gradients),
      ),
    ),
  ];
}
