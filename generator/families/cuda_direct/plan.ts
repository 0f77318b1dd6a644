import type { Problem } from '../../problem.js';
import { type Body, type Chunk, cut } from '../chunk.js';
import type { Params } from '../family.js';
import { WARP } from '../multiprocessor.js';

/** The family's parameters, typed. */
export interface DirectParams {
  /** Outputs a tile: accumulators of a lane. */
  readonly length: number;
  /** Channels a lane: 1 or 2. */
  readonly vector: number;
  /** Lanes of a warp that hold a tile's channels; the rest of the warp computes tiles of neighbouring lines. */
  readonly lanes: number;
  /** Warps of a block that follow one another along a line; neighbours read the same inputs at their ends. */
  readonly along: number;
  /** Warps of a block on neighbouring lines. */
  readonly across: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
}

export function direct(params: Params): DirectParams {
  return params as unknown as DirectParams;
}

export interface DirectPlan {
  readonly problem: Problem;
  readonly params: DirectParams;
  readonly bodies: readonly Body[];
  readonly chunks: readonly Chunk[];
  /** Threads a block. */
  readonly threads: number;
  /** Blocks a chunk: of the direction that needs the most. */
  readonly blocks: number;
}

/** From parameters to bodies and chunks; what rules, cost and emission all look at. */
export function directPlan(problem: Problem, params: DirectParams): DirectPlan {
  const { length, vector, lanes, along, across } = params;
  const { bodies, chunks } = cut(problem, length, lanes * vector);
  const lines = across * (WARP / lanes);
  const blocks = bodies.map((body) => Math.ceil(body.along / along) * Math.ceil(body.across / lines));
  return {
    problem,
    params,
    bodies,
    chunks,
    threads: WARP * along * across,
    blocks: Math.max(...blocks),
  };
}
