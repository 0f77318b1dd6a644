import { outputSize, type Problem } from '../../problem.js';
import { type Body, type Chunk, cut } from '../chunk.js';
import type { Params } from '../family.js';
import { WARP } from '../multiprocessor.js';

/** The family's parameters, typed. */
export interface LanesParams {
  /** Outputs a tile: accumulators of a lane. */
  readonly length: number;
  /** Channels a block, one a lane; the rest of a warp computes other tiles of them. */
  readonly lanes: number;
  /** Warps of a block. */
  readonly warps: number;
  /** Images a block: all are in shared memory at a time. */
  readonly images: number;
  /** Bytes of a copy: 4, 16, or {@link BULK}, all that a block has of an image. */
  readonly copy: number;
  /** Blocks a multiprocessor that registers and shared memory must allow. */
  readonly resident: number;
}

export function lanes(params: Params): LanesParams {
  return params as unknown as LanesParams;
}

/** The copy engine's way: one copy an image. */
export const BULK = 0;
/** The barrier that bulk copies arrive at, with what aligns the planes behind it. */
const BARRIER_BYTES = 16;

export interface LanesPlan {
  readonly problem: Problem;
  readonly params: LanesParams;
  readonly bodies: readonly Body[];
  readonly chunks: readonly Chunk[];
  /** Threads a block. */
  readonly threads: number;
  /** Floats of a plane, of an output plane, and from one to the next in shared memory. */
  readonly plane: number;
  readonly outPlane: number;
  readonly pitch: number;
  readonly outPitch: number;
  /** Dynamic, and with the barrier. */
  readonly planeBytes: number;
  readonly sharedBytes: number;
}

/** From parameters to bodies, chunks and shared memory; what rules, cost and emission all look at. */
export function lanesPlan(problem: Problem, params: LanesParams): LanesPlan {
  const { length, copy, images } = params;
  const out = outputSize(problem);
  const plane = problem.height * problem.width;
  const outPlane = out.height * out.width;
  // Copies of single values can leave a float between planes, so that lanes are in different banks. Others can not.
  const pitch = (floats: number) => (copy === 4 ? floats | 1 : floats);
  const planeBytes = 4 * images * params.lanes * (pitch(plane) + pitch(outPlane));
  return {
    problem,
    params,
    ...cut(problem, length, params.lanes),
    threads: WARP * params.warps,
    plane,
    outPlane,
    pitch: pitch(plane),
    outPitch: pitch(outPlane),
    planeBytes,
    sharedBytes: planeBytes + BARRIER_BYTES,
  };
}
