import type { Load } from '../program.js';
import { chunked } from '../text.js';
import { type GroupText, type LineForm, tileOf } from './box_text.js';
import type { LineBody } from './gradient_chunk.js';
import { type Gradients, inputUse, weightUses } from './gradient_text.js';

// What gradients of lines in shared memory print of a tile, whose values of dx and dw stand in variables (gradient_text.ts).

const PER_LINE = 4;

/**
 * What a value of dy is loaded for: the multiply-adds of dx first, since neighbours have `v` as the same operand, which they
 * then read from the register file but once.
 * @param begin of each output, the load at which its sum begins as a product; left out where sums begin as zeros
 */
export function tileUses(
  { part: { slots }, centre }: LineBody,
  { ofInput, ofWeights }: Gradients,
  begin?: ReadonlyMap<number, Load>,
): (load: Load) => readonly string[] {
  const inputUses = (load: Load) =>
    load.uses.map((use) =>
      begin?.get(use.output) === load ? `a${use.output} = v * w[${slots[use.tap]!}];` : inputUse(use, slots),
    );
  const sumUses = (load: Load) =>
    load.uses.flatMap((use) => weightUses(use, slots, centre, () => 'add(d[BIAS], v);'));
  return (load) =>
    chunked([...(ofInput ? inputUses(load) : []), ...(ofWeights ? sumUses(load) : [])], PER_LINE, ' ');
}

/** Of each output, the first of the tile's own loads that it meets. @throws Error if one meets none */
export function beginnings(form: LineForm): ReadonlyMap<number, Load> {
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

/** The tile's own loads in front, which are the ones without a test: sums begin there. */
export function ownFirst(groups: readonly GroupText[]): readonly GroupText[] {
  return [...groups.filter(({ test }) => test === ''), ...groups.filter(({ test }) => test !== '')];
}

/** Declarations of floats, a few on a line. */
export function declared(values: readonly string[]): readonly string[] {
  return chunked(values, PER_LINE, ', ').map((some) => `float ${some};`);
}
