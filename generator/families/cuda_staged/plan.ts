import type { Problem } from '../../problem.js';
import type { TapSet } from '../../taps.js';
import { lineTile } from '../../tile.js';
import { type Cut, cut } from '../chunk.js';
import type { Params } from '../family.js';
import { blocksByShared, type Multiprocessor } from '../multiprocessor.js';

/** The family's parameters, typed. */
export interface StagedParams {
  /** Channels of a block: 16 or 32. A warp computes them for 32 / channels neighbouring lines. */
  readonly channels: number;
  /** Tiles a line. */
  readonly tiles: number;
  /** 1: each place along a line has straight-line code of its own, without tests. */
  readonly places: number;
  /** Warps of a block. */
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
  const { height, width } = problem;
  const length = (taps: TapSet) =>
    Math.ceil((lineTile(taps, 1).major === 'x' ? width : height) / params.tiles);
  return { problem, params, ...cut(problem, length, params.channels), box: boxOf(problem, params) };
}

/** What a block has in shared memory: a plane with zeros behind its rows and columns, and a barrier. */
export interface Box {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  /** Where the barrier lies, in bytes. */
  readonly barrier: number;
  readonly sharedBytes: number;
}

/** The copy engine writes to multiples of this, in bytes. */
const ALIGNMENT = 128;
const BARRIER_BYTES = 8;

export function boxOf(
  { height, width }: Problem,
  { channels, tiles }: Pick<StagedParams, 'channels' | 'tiles'>,
): Box {
  // One row and column of zeros, or as many as a line's last tile sticks out.
  const reach = (size: number) => Math.max(size + 1, tiles * Math.ceil(size / tiles));
  const rows = reach(height);
  // Odd, so that the two rows that a warp reads 16 channels of lie in different banks.
  const columns = reach(width) | 1;
  const bytes = 4 * rows * columns * channels;
  const barrier = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  return { rows, columns, bytes, barrier, sharedBytes: barrier + BARRIER_BYTES };
}

/** Beyond it there is nothing left to hide. */
const MAX_RESIDENT = 16;

/** The most boxes that a multiprocessor should hold: as many as there is shared memory for. */
export function mostResident(machine: Multiprocessor, { sharedBytes }: Box): number {
  return Math.min(MAX_RESIDENT, blocksByShared(machine, sharedBytes));
}
