import { memoize } from './memo.js';
import { type TapSet, tapSetKey } from './taps.js';

export interface Point {
  readonly y: number;
  readonly x: number;
}

/**
 * The outputs that one thread owns: `length` pixels along the kernel's own digital line, so that their inputs overlap
 * as much as they can. Steep lines advance one output a row, shallow ones one a column; the other coordinate is the
 * shear. Output i lies at `outputs[i]`, relative to the tile's origin.
 */
export interface Tile {
  readonly kind: 'tile';
  /** The axis along which outputs advance by one. */
  readonly major: 'y' | 'x';
  readonly outputs: readonly Point[];
}

interface Slope {
  readonly rise: number;
  readonly run: number;
}

/**
 * The sheared tile of a tap set that needs the fewest loads. The slope is chosen among exact fractions by counting,
 * because a slope that is off by a rounding error doubles the loads at 45 degrees.
 *
 * @param length outputs a tile, at least 1
 */
export const lineTile = memoize(
  (taps: TapSet, length: number) => `${tapSetKey(taps)}/${length}`,
  (taps: TapSet, length: number): Tile => {
    const height = extent(taps.taps.map((tap) => tap.dy));
    const width = extent(taps.taps.map((tap) => tap.dx));
    const major = height > width ? 'y' : 'x';
    const best = slopes(Math.max(height, width))
      .map((slope) => shear(major, slope, length))
      .map((outputs) => ({ outputs, loads: minkowski(taps, outputs) }))
      .reduce((least, next) => (next.loads < least.loads ? next : least));
    return Object.freeze({ kind: 'tile', major, outputs: Object.freeze(best.outputs) });
  },
);

/** Distinct inputs that the outputs read: the size of the Minkowski sum of taps and outputs, at stride 1. */
function minkowski(taps: TapSet, outputs: readonly Point[]): number {
  const seen = new Set<number>();
  for (const { y, x } of outputs) for (const { dy, dx } of taps.taps) seen.add((y + dy) * 65536 + (x + dx));
  return seen.size;
}

/** Fractions from -1 to 1, flattest first so that ties keep the straighter line. */
function slopes(span: number): readonly Slope[] {
  const denominators = Math.min(Math.max(span, 1), 16);
  const found = new Map<number, Slope>();
  for (let run = 1; run <= denominators; run++)
    for (let rise = -run; rise <= run; rise++)
      if (!found.has(rise / run)) found.set(rise / run, { rise, run });
  return [...found.entries()].sort(([a], [b]) => Math.abs(a) - Math.abs(b)).map(([, slope]) => slope);
}

function shear(major: Tile['major'], { rise, run }: Slope, length: number): Point[] {
  return Array.from({ length }, (_, i) => {
    const minor = Math.floor((i * rise) / run) + 0;
    return Object.freeze(major === 'y' ? { y: i, x: minor } : { y: minor, x: i });
  });
}

function extent(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
