import { type Group, groups } from '../../group.js';
import { type Extent, outputSize } from '../../problem.js';
import { type TapSet, tapSetKey } from '../../taps.js';
import { render } from '../../template.js';
import { operationName, type Stem } from '../operation.js';
import { stemConvolution } from '../stem.js';
import type { CudaOperation } from './source.js';
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

/** From much shared memory to little. */
const SHAPES: readonly StemShape[] = [
  { region: { height: 28, width: 16 }, high: 7, warps: 8, fetchers: 4 },
  { region: { height: 14, width: 16 }, high: 7, warps: 8, fetchers: 4 },
];

/** That a pixel in shared memory holds. */
const MOST_PLANES = 3;
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

/**
 * Emits a stem whose products are done by tensor cores, in TF32: templates/cuda/stem_tf32.cu.hbs, for sm_80 and later. A tap of a pixel is
 * four factors, its planes and whether it is inside; a channel's are the taps' weights times those of the pointwise convolution.
 * @param room bytes of shared memory that a block can have
 * @returns undefined if it finds no room there, or has more taps or planes than registers hold
 */
export function tensorStem(
  op: Stem,
  room = Number.POSITIVE_INFINITY,
  shapes = SHAPES,
): CudaOperation | undefined {
  const sets = groups(stemConvolution(op)).map(({ taps }) => taps);
  if (op.planes > MOST_PLANES || Math.max(...sets.map(stepsOf)) > MOST_STEPS) return undefined;
  const shape = shapes.find((one) => sharedBytesOf(op, one, reachOf(sets)) <= room);
  return shape && operationOf(op, shape);
}

function operationOf(op: Stem, shape: StemShape): CudaOperation {
  const { kind: _, angles: __, ...sizes } = op;
  const { region, warps, fetchers } = shape;
  const problem = stemConvolution(op);
  const all = groups(problem);
  const reach = reachOf(all.map(({ taps }) => taps));
  const out = outputSize(problem);
  const down = Math.ceil(out.height / region.height);
  const across = Math.ceil(out.width / region.width);
  const name = `${operationName(op)}_tf32_r${region.height}x${region.width}`;
  const threads = (warps + fetchers) * WARP;
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text: render('cuda/stem_tf32.cu.hbs', {
      symbol: name,
      ...sizes,
      threads,
      ...{ outHeight: out.height, outWidth: out.width, regionsDown: down, regionsAcross: across },
      holdsPlanes: op.planes <= MOST_PLANES,
      pixelPlanes: ['.x', '.y', '.z'].slice(0, op.planes).map((member, index) => ({ member, index })),
      ...shapeData(op, shape, reach),
      ...chunkData(all),
      ...bodyData(op, shape, all, reach),
    }),
    sharedBytes: sharedBytesOf(op, shape, reach),
    launch: (images, multiprocessors) => {
      const regions = down * across * images;
      return { blocks: Math.ceil(regions / Math.ceil(regions / multiprocessors)), threads };
    },
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

/** A direction's channels in eights. */
function chunkData(all: readonly Group[]) {
  const keys = keysOf(all);
  const chunks = all.flatMap(({ from, to, taps }) =>
    Array.from({ length: Math.ceil((to - from) / CHANNELS) }, (_, i) => ({
      body: keys.indexOf(tapSetKey(taps)),
      from: from + i * CHANNELS,
      to: Math.min(to, from + (i + 1) * CHANNELS),
    })),
  );
  return {
    chunks: chunks.length,
    pairs: chunks.every(({ from, to }) => from % 2 === 0 && to % 2 === 0),
    chunkBody: chunks.map(({ body }) => body).join(', '),
    chunkFrom: chunks.map(({ from }) => from).join(', '),
    chunkTo: chunks.map(({ to }) => to).join(', '),
  };
}

function bodyData(op: Stem, { region }: StemShape, all: readonly Group[], reach: Reach) {
  const keys = keysOf(all);
  const sets = keys.map((key) => all.find(({ taps }) => tapSetKey(taps) === key)!.taps);
  const steps = Math.max(...sets.map(stepsOf));
  const part = partOf(op, pixelsOf(region, reach, op.stride).width);
  const place = ({ dy, dx }: { readonly dy: number; readonly dx: number }) => {
    const column = dx + reach.left;
    return (dy + reach.up) * op.stride * part + (column % op.stride) * part + Math.floor(column / op.stride);
  };
  return {
    steps,
    leastSteps: Math.min(...sets.map(stepsOf)),
    folds: Math.max(...sets.flatMap(({ taps }) => taps.map(({ weights }) => weights.length))),
    bodySteps: sets.map(stepsOf).join(', '),
    bodies: sets.map(({ taps }) => {
      const listed = (of: (tap: (typeof taps)[number]) => number) =>
        Array.from({ length: 2 * steps }, (_, i) => (taps[i] ? of(taps[i]) : 0)).join(', ');
      return {
        at: listed(place),
        first: listed(({ weights }) => weights[0]!),
        folded: listed(({ weights }) => weights.length),
      };
    }),
  };
}

function keysOf(all: readonly Group[]): readonly string[] {
  return [...new Set(all.map(({ taps }) => tapSetKey(taps)))];
}

function stepsOf({ taps }: TapSet): number {
  return Math.ceil(taps.length / 2);
}
