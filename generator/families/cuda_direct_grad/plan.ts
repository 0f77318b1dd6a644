import { memoize, memoizeEach } from '../../memo.js';
import type { Problem } from '../../problem.js';
import type { Chunk, Cut } from '../chunk.js';
import type { Params } from '../family.js';
import { cutGradient, type GradientBody, type TiledPart } from '../gradient_chunk.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { WARP } from '../multiprocessor.js';

/** The family's parameters, typed. */
export interface DirectGradParams {
  /** Pixels a tile: of x, of the sums of dx, or of both in registers. */
  readonly length: number;
  /** Channels a lane: 1 or 2. */
  readonly vector: number;
  /** Lanes of a warp that hold a tile's channels; the rest of the warp computes tiles of neighbouring lines. */
  readonly lanes: number;
  /** Warps of a block that follow one another along a line; neighbours read the same dy at their ends. */
  readonly along: number;
  /** Warps of a block on neighbouring lines. */
  readonly across: number;
  /** Lines that a warp walks over, one after the other, at most: its sums of dw go on, and weights stay. */
  readonly steps: number;
  /** Images that a block walks over. */
  readonly images: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
  /** 1: weights lie in shared memory and are read again for each tile. 0: they stay in registers. */
  readonly shared: number;
  /** What varies slowest over blocks. 0: images. 1: directions, so that blocks that run at a time share one body's code. */
  readonly order: number;
}

export function directGrad(params: Params): DirectGradParams {
  return params as unknown as DirectGradParams;
}

/** A part, dealt out to blocks. */
export interface WalkedPart extends TiledPart {
  /** Lines that a warp walks over: the same for all blocks, as far as there are lines. */
  readonly walks: number;
  /** Blocks that a plane of the part is dealt out to. */
  readonly pieces: number;
}

export interface WalkedBody extends GradientBody {
  readonly parts: readonly WalkedPart[];
  /** Blocks that a plane is dealt out to: each takes its piece of every part. */
  readonly pieces: number;
}

export interface DirectGradPlan {
  readonly problem: Problem;
  readonly params: DirectGradParams;
  readonly gradients: Gradients;
  readonly bodies: readonly WalkedBody[];
  readonly chunks: readonly Chunk<WalkedBody>[];
  /** Threads a block. */
  readonly threads: number;
  /** Blocks a chunk and group of images: of the direction that needs the most. */
  readonly blocks: number;
  /** Values of a channel in a row of partial sums: one for each tap of the longest body, and one for the bias. */
  readonly slots: number;
}

/** Of a plane's pixels, those that a row of partial sums is worth, on average. */
export function pixelsARow({ problem, params, blocks }: DirectGradPlan): number {
  return (problem.height * problem.width * params.images) / blocks;
}

const cuts = memoizeEach((problem: Problem) =>
  memoize(
    (length: number, lanes: number) => `${length} ${lanes}`,
    (length: number, lanes: number): Cut<GradientBody> => cutGradient(problem, length, lanes),
  ),
);

/** From parameters to bodies and chunks; what rules, cost and emission all look at. */
export function directGradPlan(problem: Problem, params: DirectGradParams): DirectGradPlan {
  const whole = cuts(problem)(params.length, params.lanes * params.vector);
  const walked = new Map(whole.bodies.map((body) => [body, walk(body, params)]));
  const bodies = [...walked.values()];
  return {
    problem,
    params,
    gradients: gradientsOf(problem.op),
    bodies,
    chunks: whole.chunks.map((chunk) => ({ ...chunk, body: walked.get(chunk.body)! })),
    threads: WARP * params.along * params.across,
    blocks: Math.max(...bodies.map(({ pieces }) => pieces)),
    slots: Math.max(...bodies.map(({ taps }) => taps.taps.length)) + 1,
  };
}

function walk(body: GradientBody, params: DirectGradParams): WalkedBody {
  const lines = linesAStep(params);
  const parts = body.parts.map((part): WalkedPart => {
    const strips = Math.ceil(part.across / (lines * params.steps));
    const walks = Math.ceil(part.across / lines / strips);
    const pieces = Math.ceil(part.along / params.along) * Math.ceil(part.across / (lines * walks));
    return { ...part, walks, pieces };
  });
  return { ...body, parts, pieces: Math.max(...parts.map(({ pieces }) => pieces)) };
}

/** Lines that a block computes side by side. */
export function linesAStep({ lanes, across }: DirectGradParams): number {
  return across * (WARP / lanes);
}

/** Floats of a block's row of partial sums: the slots of a chunk's channels, each as wide as the lanes are. */
export function rowFloats({ params, slots }: DirectGradPlan): number {
  return slots * params.lanes * params.vector;
}

/** Shared memory of a block, in bytes: the sums of its warps, which weights may have before; of dgrad only weights. */
export function sharedBytes(plan: DirectGradPlan): number {
  const { threads, params, gradients } = plan;
  if (gradients.ofWeights) return (4 * rowFloats(plan) * threads) / WARP;
  return params.shared === 1 ? 4 * rowFloats(plan) : 0;
}
