import type { Problem } from '../../problem.js';
import type { TapSet } from '../../taps.js';
import { isRectangular, rectangleTile, type TileChoice } from '../../tile.js';
import { type Cut, cut } from '../chunk.js';
import type { Params } from '../family.js';
import { alignedBytes, type PlaneBox, planeBox } from '../plane_box.js';
import { dealtLength } from '../tile_program.js';

/** The family's parameters, typed. */
export interface StagedParams {
  /** Channels of a block, for neighbouring lines of which a team of warps has a thread each (team.ts). */
  readonly channels: number;
  /** Tiles a line. */
  readonly tiles: number;
  /** 1: each place along a line has straight-line code of its own, without tests. */
  readonly places: number;
  /** Warps of a block: whole teams. */
  readonly warps: number;
  /** Blocks a multiprocessor that registers must allow: as many as its shared memory should hold. */
  readonly resident: number;
}

export function staged(params: Params): StagedParams {
  return params as unknown as StagedParams;
}

/** Chunks are the channels of a block. */
export interface StagedPlan extends Cut {
  readonly problem: Problem;
  readonly params: StagedParams;
  readonly box: Box;
}

/** From parameters to bodies and chunks; what rules, cost and emission all look at. */
export function stagedPlan(problem: Problem, params: StagedParams): StagedPlan {
  const tile = (taps: TapSet) => stagedTile(problem, taps, params.tiles);
  return { problem, params, ...cut(problem, tile, params.channels), box: boxOf(problem, params) };
}

/** Outputs of a rectangle, so that its sums and the weights of a 7x7 filter have registers. */
const MAX_RECTANGLE = 28;

/** One of `tiles` equal ones along a line, or along rows as many of which a square filter's tile has as make it no higher than wide. */
export function stagedTile(problem: Problem, taps: TapSet, tiles: number): TileChoice {
  if (!isRectangular(taps)) return dealtLength(problem, taps, tiles);
  const { height, width } = problem;
  const columns = Math.ceil(width / tiles);
  const rows = Math.min(columns, height, Math.floor(MAX_RECTANGLE / columns));
  return rectangleTile(Math.max(1, rows), columns);
}

/** What a block has in shared memory: a plane with zeros behind its rows and columns, and a barrier. */
export interface Box extends PlaneBox {
  /** Where the barrier lies, in bytes. */
  readonly barrier: number;
  readonly sharedBytes: number;
}

const BARRIER_BYTES = 8;

export function boxOf(problem: Problem, { channels, tiles }: Pick<StagedParams, 'channels' | 'tiles'>): Box {
  const box = planeBox(problem, channels, tiles);
  const barrier = alignedBytes(box.bytes);
  return { ...box, barrier, sharedBytes: barrier + BARRIER_BYTES };
}
