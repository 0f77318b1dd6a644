import { type Group, groups } from '../../group.js';
import { type Extent, outputSize } from '../../problem.js';
import type { TapSet } from '../../taps.js';
import type { Stem } from '../operation.js';
import { stemConvolution } from '../stem.js';
import { MOST_PLANES } from './stem.js';
import { pixelsOf, type Reach, reachOf } from './stem_plan.js';

/** How the outputs of a stem are dealt out to blocks and warps. */
export interface StemShape {
  /** Outputs that a block computes at a time, in all channels: columns in 8s. */
  readonly region: Extent;
  /** Tiles of 2 rows that a warp computes at a time, one below the other. */
  readonly high: number;
  /** Warps that multiply, and that fetch what comes next. */
  readonly warps: number;
  readonly fetchers: number;
}

/** Of which the fastest is taken that a block has room for. */
export const STEM_SHAPES: readonly StemShape[] = [
  { region: { height: 28, width: 16 }, high: 7, warps: 8, fetchers: 4 },
  { region: { height: 14, width: 16 }, high: 7, warps: 8, fetchers: 4 },
  { region: { height: 14, width: 8 }, high: 7, warps: 8, fetchers: 4 },
];

/** Two taps a step, whose weights a lane holds in registers. */
const MOST_STEPS = 20;
/** Bytes of a pixel in shared memory, and of those eight that lie in all banks. */
const PIXEL = 16;
const BANKS = 8;
/** Pixels of a region, and of the next one. */
const BUFFERS = 2;
/** Pixels that are fetched in the time of an output; fitted to regions of 28x16, 14x16 and 28x8 on an H200. */
const PIXELS_AN_OUTPUT = 25;

/** What a stem is computed on. */
export interface StemRoom {
  /** Bytes of shared memory that a block can have; any number unless given. */
  readonly bytes?: number;
  readonly images: number;
  readonly multiprocessors: number;
}

/** A stem dealt out so. */
export interface StemTiling {
  readonly op: Stem;
  readonly shape: StemShape;
  readonly directions: readonly Group[];
  readonly reach: Reach;
  readonly out: Extent;
  /** Regions down and across an image. */
  readonly down: number;
  readonly across: number;
  /** Pixels that a region reads. */
  readonly pixels: ReturnType<typeof pixelsOf>;
  /** Places of columns with the same remainder. */
  readonly part: number;
  readonly sharedBytes: number;
}

/**
 * The tiling that takes least time of those that a block has room for.
 * @returns undefined if there is none, or if it has more taps or planes than registers hold
 */
export function stemTiling(
  op: Stem,
  { bytes = Number.POSITIVE_INFINITY, ...device }: StemRoom,
  shapes: readonly StemShape[],
): StemTiling | undefined {
  const steps = groups(stemConvolution(op)).map(({ taps }) => stepsOf(taps));
  if (op.planes > MOST_PLANES || Math.max(...steps) > MOST_STEPS) return undefined;
  return shapes
    .map((shape) => tilingOf(op, shape))
    .filter(({ sharedBytes }) => sharedBytes <= bytes)
    .toSorted((one, other) => cost(one, device) - cost(other, device))[0];
}

function tilingOf(op: Stem, shape: StemShape): StemTiling {
  const { region } = shape;
  const problem = stemConvolution(op);
  const directions = groups(problem);
  const reach = reachOf(directions.map(({ taps }) => taps));
  const out = outputSize(problem);
  const pixels = pixelsOf(region, reach, op.stride);
  const part = partOf(pixels.width, op.stride);
  return {
    ...{ op, shape, directions, reach, out, pixels, part },
    down: Math.ceil(out.height / region.height),
    across: Math.ceil(out.width / region.width),
    sharedBytes: BUFFERS * PIXEL * pixels.height * op.stride * part,
  };
}

/** Half of the banks more than whole eights, for columns are written in order. */
function partOf(width: number, stride: number): number {
  const needed = Math.ceil(width / stride);
  return needed + ((BANKS + BANKS / 2 - (needed % BANKS)) % BANKS);
}

/** Time of the block that has most regions. */
function cost({ shape, pixels, down, across }: StemTiling, { images, multiprocessors }: StemRoom): number {
  const each = area(shape.region) + area(pixels) / PIXELS_AN_OUTPUT;
  return Math.ceil((down * across * images) / multiprocessors) * each;
}

function area({ height, width }: Extent): number {
  return height * width;
}

/** Steps of a set's taps, two each. */
export function stepsOf({ taps }: TapSet): number {
  return Math.ceil(taps.length / 2);
}
