import { memoizeEach } from './memo.js';
import { angle as checkedAngle, kernelLength, squareSide } from './problem.js';

/** One pixel that the kernel reads, relative to the output's pixel, and the weights that fall on it. */
export interface Tap {
  readonly dy: number;
  readonly dx: number;
  /** Indices k of the weights that fold on this pixel, ascending. Their weights add. */
  readonly weights: readonly number[];
}

/**
 * The distinct pixels of a filter, in order of k. A kernel is a function of its tap set: two angles with
 * equal tap sets share one kernel.
 */
export interface TapSet {
  readonly kind: 'taps';
  /** Number of weights: K of a line, K*K of a square. */
  readonly kernel: number;
  readonly taps: readonly Tap[];
}

/**
 * Taps of a K-tap kernel at an angle (paper, section 3.2; the arithmetic is the pretrained weights' own):
 * theta in radians as float32, sin and cos rounded to float32, and for k in 0..K-1 with c = floor(K/2)
 *   dy = trunc(f32(-sin * (k - c))),   dx = trunc(f32(cos * (k - c)))
 *
 * @param kernel number of taps K, odd
 * @param degrees any finite angle
 * @throws ProblemError if K is even or out of range, or the angle not finite
 */
export function tapSet(kernel: number, degrees: number): TapSet {
  const theta = Math.fround((checkedAngle(degrees) * Math.PI) / 180);
  const sin = Math.fround(Math.sin(theta));
  const cos = Math.fround(Math.cos(theta));
  const centre = Math.floor(kernelLength(kernel) / 2);
  const folded = new Map<string, { dy: number; dx: number; weights: number[] }>();
  for (let k = 0; k < kernel; k++) {
    const dy = truncate(-sin * (k - centre));
    const dx = truncate(cos * (k - centre));
    const key = `${dy},${dx}`;
    const tap = folded.get(key) ?? { dy, dx, weights: [] };
    tap.weights.push(k);
    folded.set(key, tap);
  }
  return Object.freeze({
    kind: 'taps',
    kernel,
    taps: Object.freeze([...folded.values()].map((tap) => Object.freeze(tap))),
  });
}

/**
 * Taps of a K x K filter, row by row: weight i*K + j reads at dy = i - c, dx = j - c with c = floor(K/2).
 *
 * @param side K, odd
 * @throws ProblemError if K is even or out of range
 */
export function squareTapSet(side: number): TapSet {
  const centre = Math.floor(squareSide(side) / 2);
  const taps = Array.from({ length: side * side }, (_, k): Tap => {
    const row = Math.floor(k / side);
    return Object.freeze({ dy: row - centre, dx: (k % side) - centre, weights: Object.freeze([k]) });
  });
  return Object.freeze({ kind: 'taps', kernel: side * side, taps: Object.freeze(taps) });
}

/** The same with rows for columns, in the same order. */
export const turnedTaps = memoizeEach(
  ({ kernel, taps }: TapSet): TapSet =>
    Object.freeze({
      kind: 'taps',
      kernel,
      taps: Object.freeze(taps.map(({ dy, dx, weights }) => Object.freeze({ dy: dx, dx: dy, weights }))),
    }),
);

/** Equal for tap sets that need the same kernel, different otherwise. */
export const tapSetKey = memoizeEach(
  ({ kernel, taps }: TapSet): string =>
    `${kernel}:${taps.map(({ dy, dx, weights }) => `${dy},${dx}x${weights.length}`).join(' ')}`,
);

/** trunc(f32(v)) without a negative zero. */
function truncate(v: number): number {
  return Math.trunc(Math.fround(v)) + 0;
}
