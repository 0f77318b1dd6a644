import { evenPart } from '../../even_part.js';
import { type Group, groupId, groups } from '../../group.js';
import { type Extent, outputSize, type Problem } from '../../problem.js';
import { fpropProgram, lastOf, latticeSize, multiplyAdds, type Program } from '../../program.js';
import { type TapSet, tapSetKey } from '../../taps.js';
import { lineTile, type Tile } from '../../tile.js';
import type { Stem } from '../operation.js';
import { stemConvolution } from '../stem.js';

/**
 * How a stem is computed on a GPU in float32. A block takes a *region* of an image's outputs in all channels. It lays the pixels that they
 * read in shared memory, each as its planes and whether it is inside of the image. A lane has a *vector* of channels; it makes
 * of a pixel what the pointwise convolution makes of it in registers, whenever its tile loads one: of all channels that would not fit
 * into shared memory. A *chunk* is the channels of one direction that a warp takes at a time.
 */
export interface StemPlan {
  readonly problem: Problem;
  readonly region: Extent;
  /** Whether regions are smaller than they were with more room. */
  readonly isCut: boolean;
  /** Regions down and across an image. */
  readonly regions: { readonly y: number; readonly x: number };
  /** Pixels that a region reads, and where they begin: relative to the input of its first output. */
  readonly pixels: Extent & { readonly top: number; readonly left: number };
  /** Pixels before and behind those, which only outputs beyond the region read. */
  readonly slack: { readonly before: number; readonly after: number };
  /** Of all these pixels in shared memory. */
  readonly sharedBytes: number;
  /** Channels a lane. */
  readonly vector: number;
  readonly bodies: readonly StemBody[];
  readonly chunks: readonly StemChunk[];
  /** Units before each chunk, and of all: as many tiles as a warp computes at a time, in the order in which warps take them. */
  readonly units: readonly number[];
}

/** The straight-line code of one tap set, whose loads are at or behind the first pixel of a tile's. */
export interface StemBody {
  readonly id: string;
  readonly angle: number | null;
  readonly program: Program;
}

export interface StemChunk {
  readonly body: number;
  readonly from: number;
  readonly to: number;
}

/** Lanes side by side on the channels of a pixel. */
export const LANES = 4;
/** Tiles side by side in a warp. */
const TILES = 32 / LANES;
/** Sides of a region at most: of 28 outputs at K = 31, two blocks fit into the shared memory of an H100's multiprocessor. */
const SIDE = 28;
/** And at least, where a block has less room: below it tiles are cut short, and outputs share few of a block's pixels. */
const LEAST_SIDE = 8;
/** Bytes of a pixel in shared memory: three planes, and whether it is inside. */
const PIXEL = 16;
/** Outputs a tile. */
const LENGTHS = [14, 8, 7, 4, 2, 1];
/** Multiply-adds that make a number of a pixel. */
const POINTWISE = 4;

/**
 * The plan of the largest regions whose pixels a block has room for; undefined if there is none for regions that pay.
 * @param room bytes of shared memory that a block can have; any number unless given
 */
export function stemPlan(op: Stem, room = Number.POSITIVE_INFINITY): StemPlan | undefined {
  const problem = stemConvolution(op);
  const reach = reachOf(groups(problem).map(({ taps }) => taps));
  const out = outputSize(problem);
  for (let side = SIDE; side >= LEAST_SIDE; side--) {
    const region = { height: evenPart(out.height, side), width: evenPart(out.width, side) };
    if (bytesOf(pixelsOf(region, reach, problem.stride)) > room) continue; // before its code is written
    const plan = planOf(problem, region, reach);
    if (plan.sharedBytes <= room) return { ...plan, isCut: side < SIDE };
  }
  return undefined;
}

function planOf(problem: Problem, region: Extent, reach: Reach): Omit<StemPlan, 'isCut'> {
  const out = outputSize(problem);
  const all = groups(problem);
  const bodies = new Map<string, StemBody>();
  for (const group of all) {
    const key = tapSetKey(group.taps);
    if (!bodies.has(key)) bodies.set(key, bodyOf(group, reach, region, problem.stride));
  }
  const keys = [...bodies.keys()];
  const pixels = pixelsOf(region, reach, problem.stride);
  const vector = all.every(({ from, to }) => from % 2 === 0 && to % 2 === 0) ? 2 : 1;
  const chunks = all.flatMap((group) => chunksOf(group, keys.indexOf(tapSetKey(group.taps)), LANES * vector));
  const made = [...bodies.values()];
  const slack = slackOf(made, pixels);
  return {
    problem,
    region,
    regions: { y: Math.ceil(out.height / region.height), x: Math.ceil(out.width / region.width) },
    pixels,
    slack,
    sharedBytes: bytesOf(pixels, slack),
    vector,
    bodies: made,
    chunks,
    units: unitsOf(chunks, made),
  };
}

/** Tiles of a region. */
function tilesOf({ origins }: Program): number {
  return latticeSize(origins.y) * latticeSize(origins.x);
}

function bytesOf({ height, width }: Extent, { before, after } = { before: 0, after: 0 }): number {
  return PIXEL * (before + height * width + after);
}

/** How far taps reach up, down, left and right. */
export function reachOf(sets: readonly TapSet[]) {
  const taps = sets.flatMap((set) => set.taps);
  const [dy, dx] = [taps.map((tap) => tap.dy), taps.map((tap) => tap.dx)];
  return { up: -Math.min(...dy), down: Math.max(...dy), left: -Math.min(...dx), right: Math.max(...dx) };
}

export type Reach = ReturnType<typeof reachOf>;

export function pixelsOf({ height, width }: Extent, { up, down, left, right }: Reach, stride: number) {
  return {
    height: (height - 1) * stride + 1 + up + down,
    width: (width - 1) * stride + 1 + left + right,
    top: -up,
    left: -left,
  };
}

/** The cheapest of its lengths. */
function bodyOf({ taps, angle }: Group, reach: Reach, region: Extent, stride: number): StemBody {
  const moved = {
    ...taps,
    taps: taps.taps.map((tap) => ({ ...tap, dy: tap.dy + reach.up, dx: tap.dx + reach.left })),
  };
  const plane = { input: pixelsOf(region, reach, stride), output: region, stride };
  const programs = LENGTHS.map((length) => fpropProgram(moved, tileOf(moved, length), plane));
  const program = programs.reduce((best, next) => (cost(next) < cost(best) ? next : best));
  return { id: groupId({ angle }), angle, program };
}

/**
 * A line; of a diagonal, which advances along both axes, one that advances along columns: across them it reads little
 * beyond the region's pixels, across rows it would read whole rows.
 */
function tileOf(taps: TapSet, length: number): Tile {
  const tile = lineTile(taps, length);
  const rise = tile.outputs.at(-1)!.y;
  if (tile.major === 'y' || length === 1 || Math.abs(rise) < length - 1) return tile;
  const outputs = tile.outputs.map((_, i) => ({ y: i, x: rise < 0 ? -i : i }));
  return { ...tile, major: 'y', outputs, step: { y: length, x: 1 } };
}

/** Multiply-adds of a region in one channel, those that are thrown away too. */
function cost(program: Program): number {
  return tilesOf(program) * (POINTWISE * program.loads.length + multiplyAdds(program));
}

/** @param width channels of a chunk at most */
export function chunksOf({ from, to }: Group, body: number, width: number): readonly StemChunk[] {
  return Array.from({ length: Math.ceil((to - from) / width) }, (_, i) => ({
    body,
    from: from + i * width,
    to: Math.min(to, from + (i + 1) * width),
  }));
}

function unitsOf(chunks: readonly StemChunk[], bodies: readonly StemBody[]): readonly number[] {
  const before = [0];
  for (const { body } of chunks)
    before.push(before.at(-1)! + Math.ceil(tilesOf(bodies[body]!.program) / TILES));
  return before;
}

/** How far loads of the first and last tile lie beyond the pixels. */
function slackOf(bodies: readonly StemBody[], { height, width }: Extent) {
  const places = bodies.flatMap(({ program: { origins, loads, stride } }) => {
    const at = (dy: number, dx: number) => loads.map((load) => (dy + load.dy) * width + dx + load.dx);
    const last = at(lastOf(origins.y) * stride, lastOf(origins.x) * stride);
    return [...at(origins.y.from * stride, origins.x.from * stride), ...last];
  });
  return {
    before: Math.max(0, -Math.min(...places)),
    after: Math.max(0, Math.max(...places) + 1 - height * width),
  };
}
