import type { Extent } from '../../problem.js';
import { lastOf, type Program } from '../../program.js';
import { BANKS } from '../multiprocessor.js';

/** Channels of a warp, which are of one direction, and of a block. */
export const LANES = 8;
export const SLAB = 16;

/** Lines of dy, at most, that lie before and behind what taps meet from inside of a region, and are zeros. */
const MOST_MARGIN = 3;

/** A part of an axis: `size` places from `from` on, relative to a region's first. */
export interface Reach {
  readonly from: number;
  readonly size: number;
}

/** What a slab's regions take in shared memory. Reaches in pixels, others in floats. */
export interface Layout {
  /** The dy that taps meet from inside of a region. */
  readonly met: Readonly<Record<'y' | 'x', Reach>>;
  /** The same with margins, where tiles that stick out of the region find zeros. */
  readonly kept: Readonly<Record<'y' | 'x', Reach>>;
  /** Steps from a row and a column of a part of x and dx to the next, and of dy. */
  readonly own: Steps;
  readonly grad: Steps;
  /** Of a part of x and dx, and of all dy. */
  readonly partFloats: number;
  readonly gradFloats: number;
}

export type Steps = Readonly<Record<'y' | 'x', number>>;

/**
 * @param programs of the slab's phases
 * @param apart 1: each line of a warp's tiles meets banks of its own. 0: two meet the same ones, but pieces of pixels lie whole
 *   in 64 bytes, which copies are faster of
 */
export function layoutOf(programs: readonly Program[], region: Extent, apart: 0 | 1): Layout {
  const turned = apart === 1 && programs.every(({ tile }) => tile.major === 'y');
  const met = { y: metOn(programs, 'y', region.height), x: metOn(programs, 'x', region.width) };
  const kept = {
    y: keptOn(programs, 'y', met.y),
    x: keptOn(programs, 'x', met.x),
  };
  const steps = (rows: number, columns: number): Steps =>
    turned ? { y: SLAB, x: lineFloats(rows, apart) } : { y: lineFloats(columns, apart), x: SLAB };
  const own = steps(region.height, region.width);
  const grad = steps(kept.y.size, kept.x.size);
  const floats = ({ y, x }: Steps, rows: number, columns: number) => (turned ? columns * x : rows * y);
  return {
    met,
    kept,
    own,
    grad,
    partFloats: upTo(floats(own, region.height, region.width), SLAB),
    gradFloats: floats(grad, kept.y.size, kept.x.size),
  };
}

function metOn(programs: readonly Program[], axis: 'y' | 'x', size: number): Reach {
  const offsets = programs.flatMap(({ taps }) => taps.taps.map((tap) => (axis === 'y' ? tap.dy : tap.dx)));
  const from = Math.min(...offsets);
  return { from, size: size + Math.max(...offsets) - from };
}

/** Tiles that stick out no further than the margins need not move a line that they meet to one that is there. */
function keptOn(programs: readonly Program[], axis: 'y' | 'x', met: Reach): Reach {
  const reaches = programs.map((program) => reachOn(program, axis));
  const margin = (outside: (reach: Reach) => number) =>
    Math.max(0, ...reaches.map(outside).filter((lines) => lines <= MOST_MARGIN));
  const before = margin((reach) => met.from - reach.from);
  const behind = margin((reach) => reach.from + reach.size - (met.from + met.size));
  return { from: met.from - before, size: before + met.size + behind };
}

/** The dy that a phase's loads meet on an axis, wherever its tile is. */
function reachOn({ loads, origins }: Program, axis: 'y' | 'x'): Reach {
  const offsets = loads.map((load) => (axis === 'y' ? load.dy : load.dx));
  const from = origins[axis].from + Math.min(...offsets);
  return { from, size: lastOf(origins[axis]) + Math.max(...offsets) + 1 - from };
}

/** From a line of so many pixels to the next. */
function lineFloats(pixels: number, apart: 0 | 1): number {
  return upTo(pixels * SLAB, apart === 1 ? LANES : SLAB);
}

/** The least number from `least` on that leaves as much as `rest` of the banks. */
function upTo(least: number, rest: number): number {
  return least + ((((rest - least) % BANKS) + BANKS) % BANKS);
}
