import type { Load } from '../../program.js';
import { chunked } from '../../text.js';
import { type GroupText, groupTexts, type LineForm, skippedTexts, tileOf } from '../box_text.js';
import { inputUse, weightUses } from '../gradient_text.js';
import { type RingBody, type RingGradPlan, STRAIGHT } from './plan.js';

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

/** Of each output, the first of the tile's own loads that it meets. @throws Error if one meets none */
function beginnings(form: LineForm): ReadonlyMap<number, Load> {
  const { loads, tile } = form.program;
  const own = loads.filter((load) => tileOf(form, load) === 0);
  return new Map(
    tile.outputs.map((_, output) => {
      const first = own.find(({ uses }) => uses.some((use) => use.output === output));
      if (!first) throw new Error(`output ${output} meets none of its tile's own dy`);
      return [output, first];
    }),
  );
}

/** A tile's loads with what they are for. */
export function loadTexts(
  plan: RingGradPlan,
  { part, taps, centre }: RingBody,
  form: LineForm,
): readonly GroupText[] {
  const { params, gradients } = plan;
  const { slots } = part;
  const begin = beginsByProduct(plan) ? beginnings(form) : undefined;
  const ofInput = (load: Load) =>
    load.uses.map((use) =>
      begin?.get(use.output) === load ? `a${use.output} = v * w[${slots[use.tap]!}];` : inputUse(use, slots),
    );
  const ofWeights = (load: Load) =>
    load.uses.flatMap((use) => weightUses(use, slots, centre, () => 'add(d[BIAS], v);'));
  // Those of dx first: neighbours have `v` as the same operand, which they then read from the register file but once.
  const uses = (load: Load) =>
    chunked(
      [...(gradients.ofInput ? ofInput(load) : []), ...(gradients.ofWeights ? ofWeights(load) : [])],
      PER_LINE,
      ' ',
    );
  if (params.skip === 0) return ownFirst(groupTexts(form, uses));
  if (!readsByLine(plan)) return skippedTexts(form, uses);
  // A line has taps of its own, so that few weights are held at a time.
  return skippedTexts(form, uses, (loads) => {
    const used = new Set(loads.flatMap((load) => load.uses.map(({ tap }) => slots[tap]!)));
    const reads = [...used].sort((a, b) => a - b).map((slot) => `w[${slot}] = weights[${slot} * SLAB];`);
    return [`float w[${taps.taps.length}];`, ...chunked(reads, PER_LINE, ' ')];
  });
}

/** The tile's own loads in front, which are the ones without a test: sums begin there. */
function ownFirst(groups: readonly GroupText[]): readonly GroupText[] {
  return [...groups.filter(({ test }) => test === ''), ...groups.filter(({ test }) => test !== '')];
}

/** Declarations of floats, a few on a line. */
export function declared(values: readonly string[]): readonly string[] {
  return chunked(values, PER_LINE, ', ').map((some) => `float ${some};`);
}
