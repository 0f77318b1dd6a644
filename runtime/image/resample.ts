import { addon, type NativeFilter } from '../addon.js';

/** Outputs of an axis: as many as `count` from `start` on, of an axis that is scaled from `from` to `to` pixels. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly count: number;
}

/** Of the weights' fractions; sums of bytes stay within 32 bits. */
const BITS = 22;
const CHANNELS = 3;
/** Reach of Catmull-Rom's cubic, in pixels. */
const SUPPORT = 2;

/**
 * A part of a scaled image, [H,W,3] of bytes. Catmull-Rom's cubic, as wide as an output pixel is where that is larger than an
 * input's, cut off and scaled to a sum of 1 at the edges; along rows first, rounded to bytes, then along columns: to the bit what
 * PIL's bicubic gives (Pillow, Resample.c).
 */
export function resample(pixels: Uint8Array, rows: Axis, columns: Axis): Uint8Array {
  const out = new Uint8Array(rows.count * columns.count * CHANNELS);
  addon().resample(pixels, rows.from, columns.from, filter(rows), filter(columns), out);
  return out;
}

/** What an output does not take has weights that are 0. */
function filter({ from, to, start, count }: Axis): NativeFilter {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = SUPPORT * stretch;
  const width = Math.min(from, 2 * Math.ceil(support) + 1);
  const first = new Int32Array(count);
  const weights = new Int32Array(count * width);
  for (let i = 0; i < count; i++) {
    const centre = (start + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(from, Math.trunc(centre + support + 0.5));
    // What begins late enough for all weights to be inside of the image begins earlier, with zeros.
    first[i] = Math.min(low, from - width);
    const values = Array.from({ length: high - low }, (_, j) => cubic((low + j - centre + 0.5) / stretch));
    const sum = values.reduce((total, value) => total + value, 0);
    for (const [j, value] of values.entries())
      weights[i * width + (low - first[i]!) + j] = rounded((value / sum) * 2 ** BITS);
  }
  return { first, weights };
}

/** Catmull-Rom's, Keys 1981 with a = -1/2. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
}

/** A half goes away from zero. */
function rounded(value: number): number {
  return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
}
