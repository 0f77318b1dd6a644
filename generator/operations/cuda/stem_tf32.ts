import { type Group, groups } from '../../group.js';
import { evenBlocks } from '../../launch.js';
import { type Extent, outputSize } from '../../problem.js';
import { type TapSet, tapSetKey } from '../../taps.js';
import { render } from '../../template.js';
import { operationName, type Stem } from '../operation.js';
import { stemConvolution } from '../stem.js';
import type { CudaOperation } from './source.js';
import { chunkData, MOST_PLANES, planeData } from './stem.js';
import { chunksOf, pixelsOf, type Reach, reachOf } from './stem_plan.js';

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
/** Channels of a product of the tensor cores. */
const CHANNELS = 8;
/** Columns and rows of a tile. */
const TILE: Extent = { height: 2, width: 8 };
const WARP = 32;
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

/**
 * Emits a stem whose products are done by tensor cores, in TF32: templates/cuda/stem_tf32.cu.hbs, for sm_80 and later. A tap of a pixel is
 * four factors, its planes and whether it is inside; a channel's are the taps' weights times those of the pointwise convolution.
 * @returns undefined if it finds no room there, or has more taps or planes than registers hold
 */
export function tensorStem(op: Stem, room: StemRoom, shapes = STEM_SHAPES): CudaOperation | undefined {
  const sets = groups(stemConvolution(op)).map(({ taps }) => taps);
  if (op.planes > MOST_PLANES || Math.max(...sets.map(stepsOf)) > MOST_STEPS) return undefined;
  const reach = reachOf(sets);
  const { bytes = Number.POSITIVE_INFINITY } = room;
  const [shape] = shapes
    .filter((one) => sharedBytesOf(op, one, reach) <= bytes)
    .toSorted((one, other) => cost(op, one, reach, room) - cost(op, other, reach, room));
  return shape && operationOf(op, shape);
}

/** Time of the block that has most regions. */
function cost(op: Stem, { region }: StemShape, reach: Reach, { images, multiprocessors }: StemRoom): number {
  const pixels = pixelsOf(region, reach, op.stride);
  const { down, across } = regionsOf(op, region);
  const each = area(region) + area(pixels) / PIXELS_AN_OUTPUT;
  return Math.ceil((down * across * images) / multiprocessors) * each;
}

function area({ height, width }: Extent): number {
  return height * width;
}

function regionsOf(op: Stem, { height, width }: Extent) {
  const out = outputSize(stemConvolution(op));
  return { out, down: Math.ceil(out.height / height), across: Math.ceil(out.width / width) };
}

function operationOf(op: Stem, shape: StemShape): CudaOperation {
  const { kind: _, angles: __, planes: ___, ...sizes } = op;
  const { region, high, warps, fetchers } = shape;
  const all = groups(stemConvolution(op));
  const reach = reachOf(all.map(({ taps }) => taps));
  const { out, down, across } = regionsOf(op, region);
  const name = `${operationName(op)}_tf32_r${region.height}x${region.width}_h${high}_w${warps}_f${fetchers}`;
  const threads = (warps + fetchers) * WARP;
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text: render('cuda/stem_tf32.cu.hbs', {
      symbol: name,
      ...sizes,
      threads,
      ...{ outHeight: out.height, outWidth: out.width, regionsDown: down, regionsAcross: across },
      ...planeData(op),
      ...shapeData(op, shape, reach),
      ...bodyData(op, shape, all, reach),
    }),
    sharedBytes: sharedBytesOf(op, shape, reach),
    launch: (images, multiprocessors) => ({
      blocks: evenBlocks(down * across * images, multiprocessors),
      threads,
    }),
  });
}

/** Places of columns with the same remainder: half of the banks more than whole eights, for columns are written in order. */
function partOf({ stride }: Stem, width: number): number {
  const needed = Math.ceil(width / stride);
  return needed + ((BANKS + BANKS / 2 - (needed % BANKS)) % BANKS);
}

function sharedBytesOf(op: Stem, { region }: StemShape, reach: Reach): number {
  const { height, width } = pixelsOf(region, reach, op.stride);
  return BUFFERS * PIXEL * height * op.stride * partOf(op, width);
}

function shapeData(op: Stem, { region, high, warps, fetchers }: StemShape, reach: Reach) {
  const pixels = pixelsOf(region, reach, op.stride);
  return {
    whole: region.width % TILE.width === 0 && region.height % (TILE.height * high) === 0,
    ...{ regionHeight: region.height, regionWidth: region.width, high, warps, fetchers },
    ...{ rows: pixels.height, columns: pixels.width, top: pixels.top, left: pixels.left },
    part: partOf(op, pixels.width),
  };
}

/** Tap sets that differ, as bodies, and the channels of each direction in eights. */
function bodyData(op: Stem, { region }: StemShape, all: readonly Group[], reach: Reach) {
  const sets = new Map(all.map(({ taps }) => [tapSetKey(taps), taps]));
  const keys = [...sets.keys()];
  const bodies = [...sets.values()];
  const chunks = all.flatMap((group) => chunksOf(group, keys.indexOf(tapSetKey(group.taps)), CHANNELS));
  const steps = Math.max(...bodies.map(stepsOf));
  const place = placeIn(op, region, reach);
  return {
    steps,
    leastSteps: Math.min(...bodies.map(stepsOf)),
    folds: Math.max(...bodies.flatMap(({ taps }) => taps.map(({ weights }) => weights.length))),
    bodySteps: bodies.map(stepsOf).join(', '),
    bodies: bodies.map((body) => tapTables(body, 2 * steps, place)),
    chunks: chunks.length,
    pairs: chunks.every(({ from, to }) => from % 2 === 0 && to % 2 === 0),
    ...chunkData(chunks),
  };
}

type Tap = TapSet['taps'][number];

/** Where the pixel of a tap lies in shared memory, from that of the first. */
function placeIn(op: Stem, region: Extent, reach: Reach) {
  const part = partOf(op, pixelsOf(region, reach, op.stride).width);
  return ({ dy, dx }: Tap): number => {
    const column = dx + reach.left;
    return (dy + reach.up) * op.stride * part + (column % op.stride) * part + Math.floor(column / op.stride);
  };
}

/** What fills up the last step lies where the first tap does, without any weight. */
function tapTables({ taps }: TapSet, length: number, place: (tap: Tap) => number) {
  const listed = (of: (tap: Tap) => number, filling: number) =>
    Array.from({ length }, (_, i) => (taps[i] ? of(taps[i]) : filling)).join(', ');
  return {
    at: listed(place, place(taps[0]!)),
    first: listed(({ weights }) => weights[0]!, 0),
    folded: listed(({ weights }) => weights.length, 0),
  };
}

function stepsOf({ taps }: TapSet): number {
  return Math.ceil(taps.length / 2);
}
