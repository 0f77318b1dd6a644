import { evenPart } from '../../even_part.js';
import type { Extent } from '../../problem.js';
import { type TapSet, tapSetKey } from '../../taps.js';
import { render } from '../../template.js';
import { operationName, type Stem } from '../operation.js';
import type { CudaOperation } from './source.js';
import { chunkData, planeData } from './stem.js';
import { chunksOf } from './stem_plan.js';
import { STEM_SHAPES, type StemRoom, type StemTiling, stemTiling, stepsOf } from './stem_tiling.js';

/** Channels of a product of the tensor cores. */
const CHANNELS = 8;
/** Columns and rows of a tile. */
const TILE: Extent = { height: 2, width: 8 };
const WARP = 32;

/**
 * Emits a stem whose products are done by tensor cores, in TF32: templates/cuda/stem_tf32.cu.hbs, for sm_80 and later. A tap of a pixel is
 * four factors, its planes and whether it is inside; a channel's are the taps' weights times those of the pointwise convolution.
 * @returns undefined if it finds no room there, or has more taps or planes than registers hold
 */
export function tensorStem(op: Stem, room: StemRoom, shapes = STEM_SHAPES): CudaOperation | undefined {
  const tiling = stemTiling(op, room, shapes);
  return tiling && operationOf(tiling);
}

function operationOf(tiling: StemTiling): CudaOperation {
  const { op, shape, down, across, sharedBytes } = tiling;
  const { region, high, warps, fetchers } = shape;
  const name = `${operationName(op)}_tf32_r${region.height}x${region.width}_h${high}_w${warps}_f${fetchers}`;
  const threads = (warps + fetchers) * WARP;
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text: render('cuda/stem_tf32.cu.hbs', {
      symbol: name,
      threads,
      ...planeData(op),
      ...sizeData(tiling),
      ...bodyData(tiling),
    }),
    sharedBytes,
    launch: (images, multiprocessors) => ({
      blocks: evenPart(down * across * images, multiprocessors),
      threads,
    }),
  });
}

function sizeData({ op, shape, out, down, across, pixels, part }: StemTiling) {
  const { channels, kernel, height, width, stride } = op;
  const { region, high, warps, fetchers } = shape;
  return {
    whole: region.width % TILE.width === 0 && region.height % (TILE.height * high) === 0,
    ...{ channels, kernel, height, width, stride, high, warps, fetchers, part },
    tiles: Array.from({ length: high }, (_, tile) => tile),
    ...{ outHeight: out.height, outWidth: out.width, regionsDown: down, regionsAcross: across },
    ...{ regionHeight: region.height, regionWidth: region.width },
    ...{ rows: pixels.height, columns: pixels.width, top: pixels.top, left: pixels.left },
  };
}

/** Tap sets that differ, as bodies, and the channels of each direction in eights. */
function bodyData(tiling: StemTiling) {
  const { directions } = tiling;
  const sets = new Map(directions.map(({ taps }) => [tapSetKey(taps), taps]));
  const keys = [...sets.keys()];
  const bodies = [...sets.values()];
  const chunks = directions.flatMap((one) => chunksOf(one, keys.indexOf(tapSetKey(one.taps)), CHANNELS));
  const steps = Math.max(...bodies.map(stepsOf));
  return {
    steps,
    leastSteps: Math.min(...bodies.map(stepsOf)),
    folds: Math.max(...bodies.flatMap(({ taps }) => taps.map(({ weights }) => weights.length))),
    bodySteps: bodies.map(stepsOf).join(', '),
    bodies: bodies.map((body) => tapTables(body, 2 * steps, tiling)),
    chunks: chunks.length,
    pairs: chunks.every(({ from, to }) => from % 2 === 0 && to % 2 === 0),
    ...chunkData(chunks),
  };
}

type Tap = TapSet['taps'][number];

/** What fills up the last step lies where the first tap does, without any weight. */
function tapTables({ taps }: TapSet, length: number, tiling: StemTiling) {
  const listed = (of: (tap: Tap) => number, filling: number) =>
    Array.from({ length }, (_, i) => (taps[i] ? of(taps[i]) : filling)).join(', ');
  return {
    at: listed((tap) => placeOf(tap, tiling), placeOf(taps[0]!, tiling)),
    first: listed(({ weights }) => weights[0]!, 0),
    folded: listed(({ weights }) => weights.length, 0),
  };
}

/** Where the pixel of a tap lies in shared memory, from that of the first. */
function placeOf({ dy, dx }: Tap, { op: { stride }, reach, part }: StemTiling): number {
  const column = dx + reach.left;
  return (dy + reach.up) * stride * part + (column % stride) * part + Math.floor(column / stride);
}
