import { memoize } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import { type Body, type Cut, fpropBody } from '../chunk.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import { planeBytes, type Ring, type RingParams, ringOf, ringStatic } from '../ring.js';
import { cutRing } from '../ring_turn.js';
import { dealtLength } from '../tile_program.js';

/** Warps of a block that only fetch. */
export const PRODUCERS = 1;

/** The family's parameters, typed. */
export function ring(params: Params): RingParams {
  return params as unknown as RingParams;
}

export interface RingPlan extends Ring {
  readonly bodies: readonly Body[];
  /** Directions' channels. */
  readonly ranges: readonly ChannelRange[];
}

/** From parameters to bodies and bands; what rules, cost and emission all look at. */
export function ringPlan(problem: Problem, params: RingParams): RingPlan {
  const { bodies, chunks } = ringCut(problem, params.tiles);
  return {
    ...ringOf(problem, params, PRODUCERS),
    bodies,
    ranges: chunks.map(({ from, to, body }) => ({ from, to, body: bodies.indexOf(body) })),
  };
}

const ringCut = memoize(
  (problem: Problem, tiles: number) => [layerName(problem), tiles].join(),
  (problem: Problem, tiles: number): Cut =>
    cutRing(problem, (layer, group) => fpropBody(layer, group, dealtLength(layer, group.taps, tiles))),
  64,
);

/** Dynamic shared memory of a block, in bytes. */
export function ringShared(plan: RingPlan): number {
  return plan.params.depth * planeBytes(plan);
}

/** Shared memory of a block in all, in bytes. */
export function allShared(plan: RingPlan): number {
  return ringShared(plan) + ringStatic(plan.params);
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
