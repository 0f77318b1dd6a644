import type { Extent } from '../../problem.js';
import { lastOf, type Program } from '../../program.js';
import { BANKS } from '../multiprocessor.js';

/** Channels of a warp, which are of one direction, and of a block. */
export const LANES = 8;
export const SLAB = 16;

/** Blocks that can go in step: those whose channels lie in the same lines of memory. */
export const CLUSTER = 2;

/**
 * Lines of zeros, at most, on either side of the dy that is met: docs/gpu-backward.md. Twice as many, which tiles of 7 pixels at 45 degrees
 * would need, are more shared memory than there is at K = 31.
 */
const MOST_MARGIN = 3;

type PerAxis<T> = Readonly<Record<'y' | 'x', T>>;

/** A part of an axis: `size` places from `from` on, relative to a region's first. In pixels of a part, which are those of dy. */
export interface Reach {
  readonly from: number;
  readonly size: number;
}

/** What a slab's regions take in shared memory. */
export interface Layout {
  /** The dy that taps meet from inside of a region. */
  readonly met: PerAxis<Reach>;
  /** The same with margins, where tiles that stick out of the region find zeros. */
  readonly kept: PerAxis<Reach>;
  /** Floats from a row and from a column to the next: of a part of x and dx, and of dy. */
  readonly own: PerAxis<number>;
  readonly grad: PerAxis<number>;
  /** Of a part of x and dx, and of all dy. */
  readonly partFloats: number;
  readonly gradFloats: number;
}

/**
 * @param programs of the slab's phases
 * @param region its rows and columns, in pixels of a part
 * @param apart 1: each line of a warp's tiles meets banks of its own. 0: two meet the same ones, but pieces of pixels lie whole
 *   in 64 bytes, which copies faster
 */
export function layoutOf(programs: readonly Program[], region: Extent, apart: 0 | 1): Layout {
  // A warp's lines are neighbouring columns then, which lie in banks of their own as rows do otherwise.
  const turned = apart === 1 && programs.every(({ tile }) => tile.major === 'y');
  const met = { y: metOn(programs, 'y', region.height), x: metOn(programs, 'x', region.width) };
  const kept = { y: keptOn(programs, 'y', met.y), x: keptOn(programs, 'x', met.x) };
  const steps = (rows: number, columns: number): PerAxis<number> =>
    turned ? { y: SLAB, x: lineFloats(rows, apart) } : { y: lineFloats(columns, apart), x: SLAB };
  const own = steps(region.height, region.width);
  const grad = steps(kept.y.size, kept.x.size);
  const floats = ({ y, x }: PerAxis<number>, rows: number, columns: number) =>
    turned ? columns * x : rows * y;
  return {
    met,
    kept,
    own,
    grad,
    // Pixels beside one another are of parts that follow one another: a copy of two meets all banks.
    partFloats: congruentUp(floats(own, region.height, region.width), SLAB),
    gradFloats: floats(grad, kept.y.size, kept.x.size),
  };
}

function metOn(programs: readonly Program[], axis: 'y' | 'x', size: number): Reach {
  const offsets = programs.flatMap(({ taps }) => taps.taps.map((tap) => (axis === 'y' ? tap.dy : tap.dx)));
  const from = Math.min(...offsets);
  return { from, size: size + Math.max(...offsets) - from };
}

/**
 * With margins for those tiles that stick out by few lines, so that none of their loads needs its place clamped; others' loads
 * are, and get no margin.
 */
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
  return congruentUp(pixels * SLAB, apart === 1 ? LANES : SLAB);
}

/** The least number from `least` on that is `rest` modulo the number of banks. */
function congruentUp(least: number, rest: number): number {
  return least + ((((rest - least) % BANKS) + BANKS) % BANKS);
}
