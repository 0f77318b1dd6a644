import { groups } from '../../group.js';
import { memoize, memoizeEach } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import type { CudaTarget } from '../../target.js';
import type { Cut } from '../chunk.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import { type LineBody, lineBody } from '../gradient_chunk.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { multiprocessor, registersOfWarps, WARP } from '../multiprocessor.js';
import { alignedBytes } from '../plane_box.js';
import { cutRing, isTurned, ringLayer } from '../ring_turn.js';
import { dealtLength } from '../tile_program.js';

// Where all taps lie on one row, or on one column, a line of x, dx and dy has to do with no other line: each is a problem of its
// own. A warp takes whole ones, of 32 channels, which the copy engine lays in shared memory ahead of it.

/** The family's parameters, typed. */
export interface LineGradParams {
  /** Tiles a line. */
  readonly tiles: number;
  /** Warps of a block that compute; one more fetches. */
  readonly warps: number;
  /** Images that a block goes through. */
  readonly images: number;
  /** Bands of {@link BAND_LINES} lines that the slowest of its images' blocks may lag behind a block; 0: any number of them. */
  readonly lag: number;
}

export function lineGrad(params: Params): LineGradParams {
  return params as unknown as LineGradParams;
}

/** Channels of a block: a warp's lanes. Their pieces of pixels are whole lines of the second-level cache. */
export const SLAB = WARP;

/** Lines of a plane after which blocks look at one another: docs/gpu-backward.md, "Lines by themselves". */
export const BAND_LINES = 8;

export interface LineGradPlan {
  /** With rows for lines: turned, where they are columns. */
  readonly problem: Problem;
  readonly turned: boolean;
  readonly params: LineGradParams;
  readonly gradients: Gradients;
  readonly bodies: readonly LineBody[];
  /** Directions' channels. */
  readonly ranges: readonly ChannelRange[];
  /** Sums of a channel: one a tap of the longest body, and one for the bias. */
  readonly slots: number;
  /** Pixels of a line in shared memory: all of its tiles', of which the last may stick out. */
  readonly pixels: number;
  /** Threads a block. */
  readonly threads: number;
}

/** Whether all of a layer's lines are rows, or all are columns. */
export const isStraight = memoizeEach((problem: Problem): boolean =>
  groups(problem).every(({ taps }) => taps.taps.every(({ dy, dx }) => (isTurned(problem) ? dx : dy) === 0)),
);

/** From parameters to bodies; what rules, cost and emission all look at. */
export function lineGradPlan(problem: Problem, params: LineGradParams): LineGradPlan {
  const { bodies, chunks } = lineCut(problem, params.tiles);
  const layer = ringLayer(problem);
  return {
    problem: layer,
    turned: isTurned(problem),
    params,
    gradients: gradientsOf(problem.op),
    bodies,
    ranges: chunks.map(({ from, to, body }) => ({ from, to, body: bodies.indexOf(body) })),
    slots: Math.max(...bodies.map(({ taps }) => taps.taps.length)) + 1,
    pixels: params.tiles * Math.ceil(layer.width / params.tiles),
    threads: WARP * (params.warps + 1),
  };
}

const lineCut = memoize(
  (problem: Problem, tiles: number) => [layerName(problem), tiles].join(),
  (problem: Problem, tiles: number): Cut<LineBody> =>
    cutRing(problem, (layer, group) => lineBody(layer, group, dealtLength(layer, group.taps, tiles))),
  64,
);

/** Blocks of a group of images. */
export function slabs({ problem }: LineGradPlan): number {
  return problem.channels / SLAB;
}

/** Bytes of a stage: a line of dy, and its x behind it. */
export function stageBytes({ pixels }: Pick<LineGradPlan, 'pixels'>): number {
  return 2 * 4 * pixels * SLAB;
}

/** Static shared memory of a block in bytes: its warps' barriers, those of stages, what it works on. */
export function lineGradStatic({ params: { warps } }: LineGradPlan): number {
  return alignedBytes(8 * (2 * warps + mostStages(warps)) + 16);
}

/**
 * Lines that shared memory holds: as many as there is room for, but two a warp at most, so that a warp has left a line before its
 * next but one is fetched, which has the same barrier.
 */
export function stagesOf(plan: LineGradPlan, target: CudaTarget): number {
  const room = multiprocessor(target).blockShared - lineGradStatic(plan);
  return Math.min(mostStages(plan.params.warps), Math.floor(room / stageBytes(plan)));
}

function mostStages(warps: number): number {
  return 2 * warps;
}

/** Dynamic shared memory of a block, in bytes: the stages, which sums over the block take when all are done with them. */
export function lineGradShared(plan: LineGradPlan, target: CudaTarget): number {
  const sums = 4 * plan.params.warps * plan.slots * SLAB;
  return Math.max(stagesOf(plan, target) * stageBytes(plan), alignedBytes(sums));
}

/** Registers that a tile takes beside its pixels, sums and weights, as those of rings. */
const OTHER_REGISTERS = 17;

/** Registers a thread, roughly. */
export function lineGradRegisters({ gradients: { ofInput }, bodies, slots }: LineGradPlan): number {
  const tile = Math.max(...bodies.map(({ part }) => part.program.tile.outputs.length));
  return slots + (ofInput ? slots - 1 : 0) + (ofInput ? 2 : 1) * tile + OTHER_REGISTERS;
}

/** Registers that a thread has. @param moreWarps beside those that there are */
export function registersGiven({ threads }: LineGradPlan, moreWarps = 0): number {
  return registersOfWarps(threads / WARP + moreWarps);
}
