import type { Problem } from '../problem.js';
import type { Program } from '../program.js';
import { CACHE_LINE, registersOfWarps, WARP } from './multiprocessor.js';
import { alignedBytes, type PlaneBox, planeBox } from './plane_box.js';
import { isTurned, ringLayer } from './ring_turn.js';

// A ring: a block's planes in shared memory (plane_box.ts) in equal bands of rows, or of columns (ring_turn.ts), each fetched
// again with a later image's as soon as every warp has left it.

/** What families of rings have in common. */
export interface RingParams {
  /** Channels of a block: 16 or 32. A warp computes them for 32 / channels neighbouring lines. */
  readonly channels: number;
  /** Tiles a line. */
  readonly tiles: number;
  /** Warps of a block that compute. */
  readonly warps: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
  /** Images that a block goes through. */
  readonly images: number;
  /** Bands of rows that a plane comes in. */
  readonly bands: number;
  /** Planes in shared memory: one, or several of which the later ones are on their way. */
  readonly depth: number;
  /** Bands that the slowest of its images' blocks may lag behind a block; 0: any number of them. */
  readonly lag: number;
  /** Neighbouring tiles of a shallow line that a warp computes one after another, before it looks for another line. */
  readonly run: number;
}

/** Whether pieces of pixels are parts of lines of the second-level cache, which blocks of other slabs ask for, too. */
export function readsParts({ channels }: Pick<RingParams, 'channels'>): boolean {
  return 4 * channels < CACHE_LINE;
}

/** What their plans have in common. */
export interface Ring {
  /** As the ring sees it, see ring_turn.ts. */
  readonly problem: Problem;
  readonly turned: boolean;
  readonly params: RingParams;
  readonly box: PlaneBox;
  /** Rows of zeros above a plane, and at least as many below it: tiles that stick out no further read zeros there without moving a line. */
  readonly margin: number;
  /** Rows a band. */
  readonly bandRows: number;
  /** Threads a block. */
  readonly threads: number;
}

/**
 * What a plan has in common with others.
 * @param producers warps of a block that only fetch
 * @param margin lines of zeros above and below a plane
 */
export function ringOf<T extends RingParams>(
  problem: Problem,
  params: T,
  producers: number,
  margin = 0,
): Ring & { readonly params: T } {
  const layer = ringLayer(problem);
  return {
    problem: layer,
    turned: isTurned(problem),
    params,
    box: planeBox(layer, params.channels, params.tiles, margin),
    margin,
    bandRows: layer.height / params.bands,
    threads: WARP * (params.warps + producers),
  };
}

/** A direction's tiles. */
export interface Tiling {
  readonly program: Program;
  /** Tiles a line. */
  readonly along: number;
  /** Lines. */
  readonly across: number;
}

/** Blocks of a group of images. */
export function slabs({ problem, params }: Ring): number {
  return problem.channels / params.channels;
}

/** Neighbouring lines that a warp computes side by side. */
export function linesOfWarp({ channels }: Pick<RingParams, 'channels'>): number {
  return WARP / channels;
}

/** Groups of such lines. */
export function lineGroups({ params }: Ring, { across }: Tiling): number {
  return Math.ceil(across / linesOfWarp(params));
}

/** Whether lines are nearer to rows than to columns; {@link ringLayer} sees to it that some of a ring's are. */
export function isShallow({ tile }: Program): boolean {
  return tile.major === 'x';
}

/** Tiles that a warp computes one after another: of a steep line one, since bands are met in order. */
export function runOf({ params }: Ring, { program }: Tiling): number {
  return isShallow(program) ? params.run : 1;
}

/** Such runs of an image. */
export function tasksOf(ring: Ring, tiling: Tiling): number {
  return (tiling.along / runOf(ring, tiling)) * lineGroups(ring, tiling);
}

/** Bytes that a band's box has; a band starts where the one before it ends. */
export function bandBytes({ params, box, bandRows }: Ring): number {
  return 4 * bandRows * box.columns * params.channels;
}

/** Bytes of the zeros above a plane, which starts where the copy engine may write. */
export function marginBytes({ box, params, margin }: Ring): number {
  return alignedBytes(4 * margin * box.columns * params.channels);
}

/** Bytes from one plane to the next. */
export function planeBytes(ring: Ring): number {
  return marginBytes(ring) + alignedBytes(ring.box.bytes);
}

/**
 * Static shared memory of a block in bytes, up to where planes may start: barriers and counters of bands, what it works on.
 * @param more what a family adds
 */
export function ringStatic({ bands, depth }: RingParams, more = 0): number {
  return alignedBytes(16 * bands * depth + 16 + more);
}

/** Registers that a thread has. @param moreWarps a multiprocessor's beside those that there are */
export function registersGiven({ threads, params }: Ring, moreWarps = 0): number {
  return registersOfWarps((threads / WARP) * params.resident + moreWarps);
}
