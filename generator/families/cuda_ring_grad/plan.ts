import { memoize, memoizeEach } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import type { Program } from '../../program.js';
import { majorOf, straightTile } from '../../tile.js';
import { shearOf } from '../box_text.js';
import type { Cut } from '../chunk.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import { type LineBody, lineBody } from '../gradient_chunk.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { alignedBytes } from '../plane_box.js';
import { planeBytes, type Ring, type RingParams, readsParts, ringOf, ringStatic } from '../ring.js';
import { cutRing } from '../ring_turn.js';
import { dealtLength } from '../tile_program.js';

/** The family's parameters, typed. */
export interface RingGradParams extends RingParams {
  /** 1: weights lie in shared memory and are read again for each tile. 0: they stay in registers. */
  readonly shared: number;
  /** 1: x of a warp's next tile is loaded before it computes this one. */
  readonly ahead: number;
  /**
   * 0: a line that is outside is one of zeros. 1: warps skip loads of lines that are outside for all of their lanes. 2: they
   * do, and tiles are {@link STRAIGHT}: they meet more lines, each for fewer taps.
   */
  readonly skip: number;
  /** What varies slowest over blocks. 0: images. 1: directions, so that blocks that run at a time share one body's code. */
  readonly order: number;
  /** Who fetches a band again. 1: one more warp that does nothing else. 0: the last warp that leaves the band. */
  readonly producer: number;
  /** 0: all tiles have the same code. n: tiles that stick out of the plane by fewer than n lines have code of their own, which moves and tests none. */
  readonly inner: number;
}

/** The `skip` of tiles that are pieces of rows or columns, so that no line sticks out of the plane. */
export const STRAIGHT = 2;

/** Rows of zeros above and below a plane, where tiles that stick out find what they read. */
export function marginOf({ inner }: Pick<RingGradParams, 'inner'>): number {
  return Math.max(0, inner - 1);
}

export function ringGrad(params: Params): RingGradParams {
  return params as unknown as RingGradParams;
}

export interface RingGradPlan extends Ring {
  readonly params: RingGradParams;
  readonly gradients: Gradients;
  readonly bodies: readonly LineBody[];
  /** Directions' channels. */
  readonly ranges: readonly ChannelRange[];
  /** Sums of a channel: one a tap of the longest body, and one for the bias. Taps are as many on either side of the centre. */
  readonly slots: number;
}

/** Whether the warp that fetches dy brings x near: where it pays, as measured (docs/gpu-backward.md). */
export function bringsInput({ params }: RingGradPlan): boolean {
  return params.producer === 1 && readsParts(params);
}

/** From parameters to bodies and bands; what rules, cost and emission all look at. */
export function ringGradPlan(problem: Problem, params: RingGradParams): RingGradPlan {
  const { bodies, chunks } = ringCut(problem, params.tiles, params.skip === STRAIGHT);
  return {
    ...ringOf(problem, params, params.producer, marginOf(params)),
    gradients: gradientsOf(problem.op),
    bodies,
    ranges: chunks.map(({ from, to, body }) => ({ from, to, body: bodies.indexOf(body) })),
    slots: Math.max(...bodies.map(({ taps }) => taps.taps.length)) + 1,
  };
}

const ringCut = memoize(
  (problem: Problem, tiles: number, straight: boolean) => [layerName(problem), tiles, straight].join(),
  (problem: Problem, tiles: number, straight: boolean): Cut<LineBody> =>
    cutRing(problem, (layer, group) => {
      const length = dealtLength(layer, group.taps, tiles);
      const tile = straight ? straightTile(majorOf(group.taps), length) : length;
      return lineBody(layer, group, tile);
    }),
  64,
);

/** Dynamic shared memory of a block, in bytes: the planes, which sums over the block take when all are done with them. */
export function ringGradShared(plan: RingGradPlan): number {
  const { params, slots } = plan;
  const sums = 4 * params.warps * slots * params.channels;
  return Math.max(params.depth * planeBytes(plan), alignedBytes(sums));
}

/** Static shared memory, in bytes: that of any ring, and weights. */
export function ringGradStatic({ params, slots }: RingGradPlan): number {
  const weights = params.shared === 1 ? 4 * (slots - 1) * params.channels : 0;
  return ringStatic(params, weights);
}

/** Registers that a tile takes beside its pixels, sums and weights: places, tests, values. With 12, nvcc 13.0 spilled. */
export const OTHER_REGISTERS = 16;

/** And where dx is written: without, nvcc 13.0 spilled 8 to 16 bytes of backward with 96. */
const OUTPUT_REGISTERS = 1;

/**
 * Weights that are on their way from shared memory, as registers had it: with 18, nvcc 13.0 spilled. Of straight tiles, where
 * they are read in front of each line's loads.
 */
const WEIGHTS_AHEAD = { sheared: 21, straight: 14 };

/**
 * And for the warp's line and its tests, by `skip`: wgrad with 62 of 64, where sheared tiles' lines are skipped, and with 74
 * of 80, where those of straight tiles are, nvcc 13.0 spilled.
 */
const SKIP_REGISTERS = [0, 4, 8];

/** Taps whose weights a run of loads needs. */
function tapsAtOnce({ params, bodies, slots }: RingGradPlan): number {
  if (params.skip !== STRAIGHT) return slots - 1;
  return Math.max(...bodies.map(({ part }) => mostTapsOfLine(part.program)));
}

const mostTapsOfLine = memoizeEach((program: Program): number => {
  const ofLine = new Map<number, Set<number>>();
  for (const load of program.loads) {
    const taps = ofLine.get(shearOf(program, load)) ?? new Set();
    for (const { tap } of load.uses) taps.add(tap);
    ofLine.set(shearOf(program, load), taps);
  }
  return Math.max(...[...ofLine.values()].map(({ size }) => size));
});

/** Registers a thread, roughly. */
export function ringGradRegisters(plan: RingGradPlan): number {
  const { params, gradients, bodies, slots } = plan;
  const { ofInput } = gradients;
  const tile = Math.max(...bodies.map(({ part }) => part.program.tile.outputs.length));
  const pixels = 1 + params.ahead + (ofInput ? 1 : 0);
  const ahead = params.skip === STRAIGHT ? WEIGHTS_AHEAD.straight : WEIGHTS_AHEAD.sheared;
  const weights = params.shared === 1 ? Math.min(ahead, tapsAtOnce(plan)) : slots - 1;
  return (
    slots +
    (ofInput ? weights + OUTPUT_REGISTERS : 0) +
    pixels * tile +
    OTHER_REGISTERS +
    SKIP_REGISTERS[params.skip]!
  );
}
