/**
 * One axis of a scaled image as weighted sums of the original's pixels: output i is the sum of weights[i*width + j] times pixel
 * first[i] + j, for j below width.
 */
interface Filter {
  readonly first: Int32Array;
  /** Pixels a sum takes, the most of all outputs; the weights of those it does not take are 0. */
  readonly width: number;
  /** Whole numbers, to be divided by 2^{@link BITS}. */
  readonly weights: Int32Array;
}

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
  const across = filter(columns);
  const down = filter(rows);
  // Only rows that the second pass reads.
  const top = down.first[0]!;
  const bottom = Math.min(rows.from, down.first[rows.count - 1]! + down.width);
  const taken = pixels.subarray(top * columns.from * CHANNELS, bottom * columns.from * CHANNELS);
  const strip = alongRows(taken, bottom - top, columns, across);
  return alongColumns(strip, columns.count, { ...down, first: down.first.map((row) => row - top) });
}

function filter({ from, to, start, count }: Axis): Filter {
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
  return { first, width, weights };
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

const HALF = 1 << (BITS - 1);

function alongRows(
  pixels: Uint8Array,
  height: number,
  { from, count }: Axis,
  { first, width, weights }: Filter,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(height * count * CHANNELS);
  let to = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < count; x++) {
      let [red, green, blue] = [HALF, HALF, HALF];
      let at = (y * from + first[x]!) * CHANNELS;
      for (let j = x * width; j < (x + 1) * width; j++) {
        const weight = weights[j]!;
        red += weight * pixels[at]!;
        green += weight * pixels[at + 1]!;
        blue += weight * pixels[at + 2]!;
        at += CHANNELS;
      }
      out[to] = red >> BITS;
      out[to + 1] = green >> BITS;
      out[to + 2] = blue >> BITS;
      to += CHANNELS;
    }
  return out;
}

function alongColumns(
  strip: Uint8ClampedArray,
  columns: number,
  { first, width, weights }: Filter,
): Uint8Array {
  const pitch = columns * CHANNELS;
  const out = new Uint8ClampedArray(first.length * pitch);
  for (let y = 0; y < first.length; y++)
    for (let x = 0; x < pitch; x++) {
      let sum = HALF;
      let at = first[y]! * pitch + x;
      for (let j = y * width; j < (y + 1) * width; j++) {
        sum += weights[j]! * strip[at]!;
        at += pitch;
      }
      out[y * pitch + x] = sum >> BITS;
    }
  return new Uint8Array(out.buffer);
}
