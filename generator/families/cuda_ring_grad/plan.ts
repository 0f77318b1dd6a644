import { memoize } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import type { TapSet } from '../../taps.js';
import type { Cut } from '../chunk.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import { cutGradient, type GradientBody, type TiledPart } from '../gradient_chunk.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { WARP } from '../multiprocessor.js';
import { BOX_ALIGNMENT, planeBox } from '../plane_box.js';
import { planeBytes, type Ring, type RingParams, ringStatic } from '../ring.js';
import { dealtLength } from '../tile_program.js';

/** The family's parameters, typed. */
export interface RingGradParams extends RingParams {
  /** 1: weights lie in shared memory and are read again for each tile. 0: they stay in registers. */
  readonly shared: number;
  /** 1: x of a warp's next tile is loaded before it computes this one. */
  readonly ahead: number;
  /** 1: warps skip loads of lines that are outside for all of their lanes. 0: such a line is one of zeros. */
  readonly skip: number;
  /** What varies slowest over blocks. 0: images. 1: directions, so that blocks that run at a time share one body's code. */
  readonly order: number;
  /** Who fetches a band again. 1: one more warp that does nothing else. 0: the last warp that leaves the band. */
  readonly producer: number;
}

export function ringGrad(params: Params): RingGradParams {
  return params as unknown as RingGradParams;
}

/** A direction: at stride 1 it has one part. */
export interface RingBody extends GradientBody {
  readonly part: TiledPart;
}

export interface RingGradPlan extends Ring {
  readonly params: RingGradParams;
  readonly gradients: Gradients;
  readonly bodies: readonly RingBody[];
  /** Directions' channels. */
  readonly ranges: readonly ChannelRange[];
  /** Sums of a channel: one a tap of the longest body, and one for the bias. Taps are as many on either side of the centre. */
  readonly slots: number;
}

/** From parameters to bodies and bands; what rules, cost and emission all look at. */
export function ringGradPlan(problem: Problem, params: RingGradParams): RingGradPlan {
  const { bodies, chunks } = ringCut(problem, params.tiles);
  return {
    problem,
    params,
    gradients: gradientsOf(problem.op),
    bodies,
    ranges: chunks.map(({ from, to, body }) => ({ from, to, body: bodies.indexOf(body) })),
    box: planeBox(problem, params.channels, params.tiles),
    bandRows: problem.height / params.bands,
    threads: WARP * (params.warps + params.producer),
    slots: Math.max(...bodies.map(({ taps }) => taps.taps.length)) + 1,
  };
}

const ringCut = memoize(
  (problem: Problem, tiles: number) => [layerName(problem), tiles].join(),
  (problem: Problem, tiles: number): Cut<RingBody> => {
    const whole = cutGradient(problem, (taps: TapSet) => dealtLength(problem, taps, tiles), problem.channels);
    const bodies = new Map(whole.bodies.map((body) => [body, { ...body, part: body.parts[0]! }]));
    return {
      bodies: [...bodies.values()],
      chunks: whole.chunks.map((chunk) => ({ ...chunk, body: bodies.get(chunk.body)! })),
    };
  },
  64,
);

/** Dynamic shared memory of a block, in bytes: the planes, which sums over the block take when all are done with them. */
export function ringGradShared(plan: RingGradPlan): number {
  const { params, slots } = plan;
  const sums = 4 * params.warps * slots * params.channels;
  return Math.max(params.depth * planeBytes(plan), Math.ceil(sums / BOX_ALIGNMENT) * BOX_ALIGNMENT);
}

/** Static shared memory, in bytes: barriers and counters of bands, what the block works on, weights. */
export function ringGradStatic({ params, slots }: RingGradPlan): number {
  const weights = params.shared === 1 ? 4 * (slots - 1) * params.channels : 0;
  return ringStatic(params) + weights;
}

/** Registers that a tile takes beside its pixels, sums and weights: places, tests, values. With 12, nvcc 13.0 spilled. */
export const OTHER_REGISTERS = 16;

/** Weights that are on their way from shared memory, as registers had it: with 18, nvcc 13.0 spilled. */
const WEIGHTS_AHEAD = 21;

/** And for the warp's line and its tests, where lines are skipped: wgrad with 62 of 64, nvcc 13.0 spilled. */
const SKIP_REGISTERS = 4;

/** Registers a thread, roughly. */
export function ringGradRegisters({ params, gradients, bodies, slots }: RingGradPlan): number {
  const { ofInput } = gradients;
  const tile = Math.max(...bodies.map(({ part }) => part.program.tile.outputs.length));
  const pixels = 1 + params.ahead + (ofInput ? 1 : 0);
  const weights = params.shared === 1 ? Math.min(WEIGHTS_AHEAD, slots - 1) : slots - 1;
  const skip = params.skip === 1 ? SKIP_REGISTERS : 0;
  return slots + (ofInput ? weights : 0) + pixels * tile + OTHER_REGISTERS + skip;
}
