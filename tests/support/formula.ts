import type { Problem } from '../../generator/problem.js';

/** Weights a channel. */
function weightsOf({ filter, kernel }: Problem): number {
  return filter === 'square' ? kernel ** 2 : kernel;
}

export interface Operands {
  readonly input: Float32Array;
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
  readonly resid?: boolean;
}

/** Operands that may be in float64 as well. */
type Numbers<T> = { readonly [K in keyof T]: T[K] extends boolean | undefined ? T[K] : T[K] | Float64Array };

/**
 * dgrad in float64, written from its definition alone: each product of the forward convolution, read backwards, adds to
 * the gradient of what it read.
 */
export function dgradFormula(p: Problem, { input: dy, weight, resid }: Operands): Float64Array {
  const [outHeight, outWidth] = [Math.ceil(p.height / p.stride), Math.ceil(p.width / p.stride)];
  const dx = new Float64Array(p.batch * p.channels * p.height * p.width);
  const weights = weightsOf(p);
  const centre = (weights - 1) / 2;
  for (let ch = 0; ch < p.channels; ch++) {
    const tap = tapsOf(p, ch);
    for (let n = 0; n < p.batch; n++)
      for (let row = 0; row < outHeight; row++)
        for (let column = 0; column < outWidth; column++) {
          const gradient = dy[offset(p, outHeight, outWidth, n, ch, row, column)]!;
          for (let k = 0; k < weights; k++) {
            const [y, x] = [row * p.stride + tap(k).dy, column * p.stride + tap(k).dx];
            if (y < 0 || y >= p.height || x < 0 || x >= p.width) continue;
            const w = weight[ch * weights + k]! + (resid && k === centre ? 1 : 0);
            const at = offset(p, p.height, p.width, n, ch, y, x);
            dx[at] = dx[at]! + w * gradient;
          }
        }
  }
  return dx;
}

/** What wgrad reads, and what it writes. */
export interface WgradOperands {
  readonly input: Float32Array;
  readonly grad: Float32Array;
}
export interface WgradResult {
  readonly weightGrad: Float64Array;
  readonly biasGrad: Float64Array;
}

/**
 * wgrad in float64, written from its definition alone: each product of the forward convolution adds to the gradient of
 * its weight.
 */
export function wgradFormula(p: Problem, { input: x, grad: dy }: WgradOperands): WgradResult {
  const [outHeight, outWidth] = [Math.ceil(p.height / p.stride), Math.ceil(p.width / p.stride)];
  const weights = weightsOf(p);
  const [weightGrad, biasGrad] = [new Float64Array(p.channels * weights), new Float64Array(p.channels)];
  for (let ch = 0; ch < p.channels; ch++) {
    const tap = tapsOf(p, ch);
    for (let n = 0; n < p.batch; n++)
      for (let row = 0; row < outHeight; row++)
        for (let column = 0; column < outWidth; column++) {
          const gradient = dy[offset(p, outHeight, outWidth, n, ch, row, column)]!;
          biasGrad[ch]! += gradient;
          for (let k = 0; k < weights; k++) {
            const [y, xx] = [row * p.stride + tap(k).dy, column * p.stride + tap(k).dx];
            if (y < 0 || y >= p.height || xx < 0 || xx >= p.width) continue;
            weightGrad[ch * weights + k]! += gradient * x[offset(p, p.height, p.width, n, ch, y, xx)]!;
          }
        }
  }
  return { weightGrad, biasGrad };
}

/**
 * The forward convolution in float64, written from its definition alone: direction of each channel, taps of each
 * direction, one sum for each output.
 */
export function formula(p: Problem, { input, weight, bias, resid }: Numbers<Operands>): Float64Array {
  const [outHeight, outWidth] = [Math.ceil(p.height / p.stride), Math.ceil(p.width / p.stride)];
  const output = new Float64Array(p.batch * p.channels * outHeight * outWidth);
  const weights = weightsOf(p);
  const centre = (weights - 1) / 2;
  for (let ch = 0; ch < p.channels; ch++) {
    const tap = tapsOf(p, ch);
    for (let n = 0; n < p.batch; n++)
      for (let row = 0; row < outHeight; row++)
        for (let column = 0; column < outWidth; column++) {
          let sum = bias?.[ch] ?? 0;
          for (let k = 0; k < weights; k++) {
            const [y, x] = [row * p.stride + tap(k).dy, column * p.stride + tap(k).dx];
            if (y < 0 || y >= p.height || x < 0 || x >= p.width) continue;
            const w = weight[ch * weights + k]! + (resid && k === centre ? 1 : 0);
            sum += w * input[offset(p, p.height, p.width, n, ch, y, x)]!;
          }
          output[offset(p, outHeight, outWidth, n, ch, row, column)] = sum;
        }
  }
  return output;
}

/** The taps of a channel, by their index. */
function tapsOf(p: Problem, ch: number): (k: number) => { readonly dy: number; readonly dx: number } {
  const c = (p.kernel - 1) / 2;
  if (p.filter === 'square') return (k) => ({ dy: Math.floor(k / p.kernel) - c, dx: (k % p.kernel) - c });
  const direction = Math.floor((p.angles.length * (ch + 1) - 1) / p.channels);
  const theta = Math.fround((p.angles[direction]! * Math.PI) / 180);
  const [sin, cos] = [Math.fround(Math.sin(theta)), Math.fround(Math.cos(theta))];
  const taps = Array.from({ length: p.kernel }, (_, k) => ({
    dy: Math.trunc(Math.fround(-sin * (k - c))),
    dx: Math.trunc(Math.fround(cos * (k - c))),
  }));
  return (k) => taps[k]!;
}

function offset(
  p: Problem,
  height: number,
  width: number,
  n: number,
  ch: number,
  y: number,
  x: number,
): number {
  return p.layout === 'nchw'
    ? ((n * p.channels + ch) * height + y) * width + x
    : ((n * height + y) * width + x) * p.channels + ch;
}
