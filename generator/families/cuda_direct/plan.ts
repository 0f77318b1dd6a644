import { type Group, groups } from '../../group.js';
import { memoize } from '../../memo.js';
import { encodeNumber } from '../../name.js';
import { outputSize, type Problem } from '../../problem.js';
import { fpropProgram, latticeSize, type Program } from '../../program.js';
import { tapSetKey } from '../../taps.js';
import { lineTile } from '../../tile.js';
import type { Params } from '../family.js';

/** The family's parameters, typed. */
export interface DirectParams {
  /** Outputs a tile: accumulators of a lane. */
  readonly length: number;
  /** Channels a lane: 1, 2 or 4. */
  readonly vector: number;
  /** Warps of a block that follow one another along a line; neighbours read the same inputs at their ends. */
  readonly along: number;
  /** Warps of a block on neighbouring lines. */
  readonly across: number;
  /** Tiles that a warp computes one after the other, across the lines, with its weights in registers. */
  readonly tiles: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
  /** 1: results are marked as not read again. */
  readonly stream: number;
}

export function direct(params: Params): DirectParams {
  return params as unknown as DirectParams;
}

export const WARP = 32;

/** The straight-line code of one tap set, shared by all groups that have it. */
export interface Body {
  readonly id: string;
  readonly angle: number;
  readonly program: Program;
  /** Tiles along and across the lines. */
  readonly along: number;
  readonly across: number;
  /** Blocks that cover the plane. */
  readonly blocks: number;
}

/** A warp's channels: `WARP * vector` neighbours of one group, the last of a group perhaps fewer. */
export interface Chunk {
  readonly body: Body;
  readonly from: number;
  readonly to: number;
}

export interface DirectPlan {
  readonly problem: Problem;
  readonly params: DirectParams;
  readonly bodies: readonly Body[];
  readonly chunks: readonly Chunk[];
  /** Blocks a chunk: of the direction that needs the most. */
  readonly blocks: number;
}

/** From parameters to bodies and chunks; what rules, cost and emission all look at. */
export function directPlan(problem: Problem, params: DirectParams): DirectPlan {
  const bodies = new Map<string, Body>();
  const chunks: Chunk[] = [];
  for (const group of groups(problem)) {
    const key = tapSetKey(group.taps);
    const body = bodies.get(key) ?? bodyOf(problem, group, params);
    bodies.set(key, body);
    const width = WARP * params.vector;
    for (let from = group.from; from < group.to; from += width)
      chunks.push({ body, from, to: Math.min(from + width, group.to) });
  }
  const blocks = Math.max(...[...bodies.values()].map((body) => body.blocks));
  return { problem, params, bodies: [...bodies.values()], chunks, blocks };
}

const programOf = memoize(
  ({ height, width, stride }: Problem, { taps }: Group, length: number) =>
    [height, width, stride, tapSetKey(taps), length].join(),
  (problem: Problem, { taps }: Group, length: number): Program =>
    fpropProgram(taps, lineTile(taps, length), {
      input: { height: problem.height, width: problem.width },
      output: outputSize(problem),
      stride: problem.stride,
    }),
);

function bodyOf(problem: Problem, group: Group, { length, along, across, tiles }: DirectParams): Body {
  const program = programOf(problem, group, length);
  const { major } = program.tile;
  const tilesAlong = latticeSize(program.origins[major]);
  const tilesAcross = latticeSize(program.origins[major === 'y' ? 'x' : 'y']);
  return {
    id: encodeNumber(group.angle),
    angle: group.angle,
    program,
    along: tilesAlong,
    across: tilesAcross,
    blocks: Math.ceil(tilesAlong / along) * Math.ceil(tilesAcross / (across * tiles)),
  };
}
