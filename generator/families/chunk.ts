import { type Group, groups } from '../group.js';
import { encodeNumber } from '../name.js';
import type { Problem } from '../problem.js';
import { latticeSize, type Program } from '../program.js';
import { type TapSet, tapSetKey } from '../taps.js';
import { lineProgram } from './line_program.js';

/** The straight-line code of one tap set, shared by all groups that have it. */
export interface Body {
  readonly id: string;
  /** Degrees. */
  readonly angle: number;
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
 * @param length outputs a tile, of a tap set if it depends on it
 * @param width channels a chunk, at most
 */
export function cut(problem: Problem, length: number | ((taps: TapSet) => number), width: number): Cut {
  return cutBy(problem, width, (group) =>
    bodyOf(problem, group, typeof length === 'number' ? length : length(group.taps)),
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

function bodyOf(problem: Problem, group: Group, length: number): Body {
  const program = lineProgram(problem, group.taps, length);
  const { major } = program.tile;
  return {
    id: encodeNumber(group.angle),
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
export function usedTaps({ loads }: Program): number {
  return new Set(loads.flatMap(({ uses }) => uses.map(({ tap }) => tap))).size;
}

/** Channels of the group that has the most. */
export function widestGroup(problem: Problem): number {
  return Math.max(...groups(problem).map(({ from, to }) => to - from));
}

/** Tile lengths worth trying: lines of a whole number of tiles, or nearly so, that registers can hold. */
export function lineLengths(side: number): readonly number[] {
  const whole = [1, 2, 4, 5, 8].map((tiles) => Math.ceil(side / tiles));
  const short = [...new Set(whole)].filter((length) => length <= 32 && length >= Math.min(side, 7));
  return short.length > 0 ? short : [28, 14, 7];
}
