import { type Group, groupId, groups } from '../group.js';
import { memoizeEach } from '../memo.js';
import type { Extent, Problem } from '../problem.js';
import { latticeSize, type Program } from '../program.js';
import { type TapSet, tapSetKey } from '../taps.js';
import type { TileChoice } from '../tile.js';
import { tileProgram } from './tile_program.js';

/** The straight-line code of one tap set, shared by all groups that have it. */
export interface Body {
  readonly id: string;
  /** Degrees; null of square filters. */
  readonly angle: number | null;
  readonly program: Program;
  /** Tiles a line, and lines. */
  readonly along: number;
  readonly across: number;
}

/** Neighbouring channels of one group that lanes compute side by side; the last of a group may have fewer. */
export interface Chunk<B = Body> {
  readonly body: B;
  readonly from: number;
  readonly to: number;
}

/** A layer cut into chunks, in the order of channels, and the bodies that they need. */
export interface Cut<B = Body> {
  readonly bodies: readonly B[];
  readonly chunks: readonly Chunk<B>[];
}

/**
 * @param tile which one, of a tap set if it depends on it
 * @param width channels a chunk, at most
 */
export function cut(problem: Problem, tile: TileChoice | ((taps: TapSet) => TileChoice), width: number): Cut {
  return cutBy(problem, width, (group) =>
    fpropBody(problem, group, typeof tile === 'function' ? tile(group.taps) : tile),
  );
}

/** The same with bodies of another kind. @param bodyOf called once for each tap set, with the first group that has it */
export function cutBy<B>(problem: Problem, width: number, bodyOf: (group: Group) => B): Cut<B> {
  const bodies = new Map<string, B>();
  const chunks: Chunk<B>[] = [];
  for (const group of groups(problem)) {
    const key = tapSetKey(group.taps);
    const body = bodies.get(key) ?? bodyOf(group);
    bodies.set(key, body);
    for (let from = group.from; from < group.to; from += width)
      chunks.push({ body, from, to: Math.min(from + width, group.to) });
  }
  return { bodies: [...bodies.values()], chunks };
}

/** The body of a direction. @param problem of which only the sizes and the stride count */
export function fpropBody(problem: Problem, group: Group, tile: TileChoice): Body {
  const program = tileProgram(problem, group.taps, tile);
  const { major } = program.tile;
  return {
    id: groupId(group),
    angle: group.angle,
    program,
    along: latticeSize(program.origins[major]),
    across: latticeSize(program.origins[major === 'y' ? 'x' : 'y']),
  };
}

/** Of a value of chunks' bodies. */
export function meanOfChunks(chunks: readonly Chunk[], value: (body: Body) => number): number {
  return chunks.reduce((sum, { body }) => sum + value(body), 0) / chunks.length;
}

/** Taps that a tile uses: those that meet only zeros, wherever the tile lies, are not even loaded. */
export const usedTaps = memoizeEach(
  ({ loads }: Program): number => new Set(loads.flatMap(({ uses }) => uses.map(({ tap }) => tap))).size,
);

/** Channels of the group that has the most. */
export function widestGroup(problem: Problem): number {
  return Math.max(...groups(problem).map(({ from, to }) => to - from));
}

/** Outputs of rectangles worth trying: 4x7, 2x7, a whole 7x7 plane, 4x4, 2x4. */
const RECTANGLES = [28, 14, 49, 16, 8] as const;

/** Tile lengths worth trying on planes of that size. */
export function tileLengths({ filter }: Problem, { height, width }: Extent): readonly number[] {
  return filter === 'square' ? RECTANGLES : lineLengths(Math.max(height, width));
}

/** Of lines: lines of a whole number of tiles, or nearly so, that registers can hold. */
function lineLengths(side: number): readonly number[] {
  const whole = [1, 2, 4, 5, 8].map((tiles) => Math.ceil(side / tiles));
  const short = [...new Set(whole)].filter((length) => length <= 32 && length >= Math.min(side, 7));
  return short.length > 0 ? short : [28, 14, 7];
}
