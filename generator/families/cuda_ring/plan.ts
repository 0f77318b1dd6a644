import { memoize } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import { type Body, type Cut, cut } from '../chunk.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import { registersOfWarps, WARP } from '../multiprocessor.js';
import { BOX_ALIGNMENT, type PlaneBox, planeBox } from '../plane_box.js';
import { ringStatic } from '../ring.js';
import { dealtLength } from '../tile_program.js';

/** The family's parameters, typed. */
export interface RingParams {
  /** Channels of a block: 16 or 32. A warp computes them for 32 / channels neighbouring lines. */
  readonly channels: number;
  /** Tiles a line. */
  readonly tiles: number;
  /** Warps of a block that compute; one more fetches. */
  readonly warps: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
  /** Images that a block goes through. */
  readonly images: number;
  /** Bands of rows that a plane comes in. */
  readonly bands: number;
}

/** Warps of a block that only fetch. */
export const PRODUCERS = 1;

export function ring(params: Params): RingParams {
  return params as unknown as RingParams;
}

export interface RingPlan {
  readonly problem: Problem;
  readonly params: RingParams;
  readonly bodies: readonly Body[];
  /** Directions' channels. */
  readonly ranges: readonly ChannelRange[];
  readonly box: PlaneBox;
  /** Rows a band. */
  readonly bandRows: number;
  /** Threads a block. */
  readonly threads: number;
}

/** From parameters to bodies and bands; what rules, cost and emission all look at. */
export function ringPlan(problem: Problem, params: RingParams): RingPlan {
  const { bodies, chunks } = ringCut(problem, params.tiles);
  return {
    problem,
    params,
    bodies,
    ranges: chunks.map(({ from, to, body }) => ({ from, to, body: bodies.indexOf(body) })),
    box: planeBox(problem, params.channels, params.tiles),
    bandRows: problem.height / params.bands,
    threads: WARP * (params.warps + PRODUCERS),
  };
}

const ringCut = memoize(
  (problem: Problem, tiles: number) => [layerName(problem), tiles].join(),
  (problem: Problem, tiles: number): Cut =>
    cut(problem, (taps) => dealtLength(problem, taps, tiles), problem.channels),
  64,
);

/** Blocks of a group of images. */
export function slabs({ problem, params }: RingPlan): number {
  return problem.channels / params.channels;
}

/** Groups of neighbouring lines, which a warp computes side by side. */
export function lineGroups({ params }: RingPlan, { across }: Body): number {
  return Math.ceil(across / (WARP / params.channels));
}

/** Tiles of an image, of the direction that has the most. */
export function mostTasks(plan: RingPlan): number {
  return Math.max(...plan.bodies.map((body) => body.along * lineGroups(plan, body)));
}

/** Dynamic shared memory of a block, in bytes. */
export function ringShared({ box }: RingPlan): number {
  return Math.ceil(box.bytes / BOX_ALIGNMENT) * BOX_ALIGNMENT;
}

/** Shared memory of a block in all, in bytes. */
export function allShared(plan: RingPlan): number {
  return ringShared(plan) + ringStatic(plan.params.bands);
}

/** Registers that a tile takes beside its sums and weights: places, tests, values. With 15, nvcc 13.0 spilled. */
const OTHER_REGISTERS = 19;

/** Registers a thread, roughly. */
export function ringRegisters({ bodies }: RingPlan): number {
  return (
    OTHER_REGISTERS +
    Math.max(...bodies.map(({ program: { tile, taps } }) => tile.outputs.length + taps.taps.length))
  );
}

/** Registers that a thread has. @param moreWarps a multiprocessor's beside those that there are */
export function registersGiven({ threads, params }: RingPlan, moreWarps = 0): number {
  return registersOfWarps((threads / WARP) * params.resident + moreWarps);
}
