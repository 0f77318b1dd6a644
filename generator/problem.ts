import { ProblemError } from './errors.js';

export const OPS = ['fprop', 'dgrad', 'wgrad', 'backward'] as const;
export const LAYOUTS = ['nchw', 'nhwc'] as const;
export const DTYPES = ['f32', 'f16', 'bf16'] as const;
export const FILTERS = ['line', 'square'] as const;

export type Op = (typeof OPS)[number];
/** What training needs of the weights: wgrad their gradient, backward that and dgrad in one pass. */
export type GradientOp = 'wgrad' | 'backward';
export type Layout = (typeof LAYOUTS)[number];
export type DType = (typeof DTYPES)[number];
/** The shape of the filters: K taps on a line at an angle, or the K x K of an ordinary depthwise convolution. */
export type Filter = (typeof FILTERS)[number];

/** Whether a problem writes the gradient of the weights. */
export function isGradient(p: Problem): p is Problem & { readonly op: GradientOp } {
  return p.op === 'wgrad' || p.op === 'backward';
}

/** What a problem is made from; everything but the size and the kernel length has a default. */
export interface ProblemSpec {
  readonly op?: Op;
  readonly layout?: Layout;
  readonly dtype?: DType;
  /** Height and width of the layer's input, in pixels; for dgrad, of the gradient that it writes. */
  readonly height: number;
  readonly width: number;
  readonly stride?: number;
  /** Lines unless given. */
  readonly filter?: Filter;
  /** K, odd: the number of taps of a line, the side of a square. */
  readonly kernel: number;
  /** Degrees. Spread over the channels in equal groups, in order. Of lines; a square has none. */
  readonly angles?: readonly number[];
  readonly batch?: number;
  readonly channels?: number;
}

/**
 * One depthwise convolution, fully determined: input [N,C,H,W] (or [N,H,W,C]), weights [C,K], or [C,K*K] of square filters,
 * row by row, output [N,C,ceil(H/s),ceil(W/s)]. Kirchmeyer & Deng 2023, section 3. Its dgrad, the transpose with respect to the
 * input, has the same sizes and reads what the layer writes: input dy [N,C,ceil(H/s),ceil(W/s)], output dx [N,C,H,W].
 * Its wgrad, the transpose with respect to the weights, reads input x and dy and writes dw, shaped as the weights, and
 * db [C]; backward writes what wgrad and dgrad do.
 */
export interface Problem {
  readonly kind: 'problem';
  readonly op: Op;
  readonly layout: Layout;
  readonly dtype: DType;
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  readonly filter: Filter;
  readonly kernel: number;
  /** Empty for square filters. */
  readonly angles: readonly number[];
  readonly batch: number;
  readonly channels: number;
}

/** Angles of the paper: eight directions, 22.5 degrees apart. */
export const PAPER_ANGLES: readonly number[] = Object.freeze([0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5]);

/** Checks every field and freezes. Throws {@link ProblemError}. */
export function problem(spec: ProblemSpec): Problem {
  if (typeof spec !== 'object' || spec === null)
    throw new ProblemError({
      code: 'problem-missing',
      value: spec,
      rule: 'a problem is made from a size, a kernel length and angles',
      remedy: 'give for example { height: 56, width: 56, kernel: 31, angles: [45] }',
    });
  const filter = oneOf('filter', spec.filter ?? 'line', FILTERS);
  return Object.freeze({
    kind: 'problem',
    op: oneOf('op', spec.op ?? 'fprop', OPS),
    layout: oneOf('layout', spec.layout ?? 'nhwc', LAYOUTS),
    dtype: oneOf('dtype', spec.dtype ?? 'f32', DTYPES),
    height: count('height', spec.height),
    width: count('width', spec.width),
    stride: count('stride', spec.stride ?? 1),
    filter,
    kernel: filter === 'square' ? squareSide(spec.kernel) : kernelLength(spec.kernel),
    angles: Object.freeze(filter === 'square' ? noAngles(spec.angles) : angleList(spec.angles)),
    batch: count('batch', spec.batch ?? 1),
    channels: count('channels', spec.channels ?? 1),
  });
}

/** Weights a channel: K of a line, K*K of a square. */
export function weightsOf({ filter, kernel }: Pick<Problem, 'filter' | 'kernel'>): number {
  return filter === 'square' ? kernel * kernel : kernel;
}

/** K as people write it: `31`, `7x7`. */
export function kernelText({ filter, kernel }: Pick<Problem, 'filter' | 'kernel'>): string {
  return filter === 'square' ? `${kernel}x${kernel}` : `${kernel}`;
}

export interface Extent {
  readonly height: number;
  readonly width: number;
}

/** A problem's input: H x W, and for dgrad what the layer writes. */
export function inputSize(p: Problem): Extent {
  return p.op === 'dgrad' ? layerOutput(p) : layerInput(p);
}

/** A problem's output: ceil(H/s) x ceil(W/s), and for dgrad H x W. Of wgrad and backward it is dy's size, which they read. */
export function outputSize(p: Problem): Extent {
  return p.op === 'dgrad' ? layerInput(p) : layerOutput(p);
}

function layerInput({ height, width }: Problem): Extent {
  return { height, width };
}

function layerOutput({ height, width, stride }: Problem): Extent {
  return { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
}

export function inputElements(p: Problem): number {
  return elements(p, inputSize(p));
}

export function outputElements(p: Problem): number {
  return elements(p, outputSize(p));
}

function elements({ batch, channels }: Problem, { height, width }: Extent): number {
  return batch * channels * height * width;
}

/** Bytes that must move: every tensor of images read once or written once, so for backward x, dy and dx. */
export function floorBytes(p: Problem): number {
  const written = p.op === 'backward' ? inputElements(p) : 0;
  return 4 * (inputElements(p) + outputElements(p) + written);
}

const MAX_WEIGHTS = 4095;

/** K, as a number that may be a kernel's length. Throws {@link ProblemError}. */
export function kernelLength(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > MAX_WEIGHTS)
    throw new ProblemError({
      code: 'kernel-range',
      value,
      rule: 'the kernel length K must be an odd whole number from 1 to 4095',
      remedy: 'use for example 31',
    });
  if (value % 2 === 0)
    throw new ProblemError({
      code: 'kernel-even',
      value,
      rule: 'the kernel length K must be odd, so that a tap lies on the centre',
      remedy: `use ${value - 1} or ${value + 1}`,
    });
  return value;
}

/** K of a square filter, whose K*K weights are no more than a line may have. Throws {@link ProblemError}. */
export function squareSide(value: number): number {
  if (kernelLength(value) ** 2 > MAX_WEIGHTS)
    throw new ProblemError({
      code: 'square-range',
      value,
      rule: 'the side K of a square filter must be an odd whole number from 1 to 63',
      remedy: 'use for example 7',
    });
  return value;
}

/** A direction in degrees; any number whose radians are a float32. Throws {@link ProblemError}. */
export function angle(value: number): number {
  if (typeof value !== 'number' || !Number.isFinite(Math.fround((value * Math.PI) / 180)))
    throw new ProblemError({
      code: 'angle-finite',
      value,
      rule: 'an angle must be a finite number of degrees, in float32',
      remedy: 'use for example 22.5',
    });
  return value + 0; // -0 and 0 are one direction and must be one name
}

function noAngles(values: readonly number[] = []): number[] {
  if (!Array.isArray(values) || values.length > 0)
    throw new ProblemError({
      code: 'angles-square',
      value: values,
      rule: 'a square filter has no direction',
      remedy: 'leave the angles away, or ask for a line',
    });
  return [];
}

function angleList(values: readonly number[] | undefined): number[] {
  if (!Array.isArray(values) || values.length === 0)
    throw new ProblemError({
      code: 'angles-empty',
      value: values,
      rule: 'a layer needs a list of at least one angle, in degrees',
      remedy: 'use for example the angles 0, 45, 90 and 135',
    });
  return values.map(angle);
}

function count(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > 2 ** 31 - 1)
    throw new ProblemError({
      code: `${what}-range`,
      value,
      rule: `${what} must be a whole number from 1 to 2147483647`,
      remedy: `give ${what} as a positive whole number`,
    });
  return value;
}

function oneOf<T extends string>(what: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value))
    throw new ProblemError({
      code: `${what}-unknown`,
      value,
      rule: `${what} must be one of ${allowed.join(', ')}`,
      remedy: `use for example ${allowed[0]}`,
    });
  return value;
}
