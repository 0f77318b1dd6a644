import type { Problem } from '../problem.js';
import { isRowLength } from './whole_row.js';

// Lengths of tiles that are worth trying in planes that lie dense in memory.

/** Outputs a tile of a line. */
export const LENGTHS: readonly number[] = [7, 14];
/** Longer rows find no registers. */
const LONGEST_ROW = 32;

/**
 * Of lines along rows, also as whole rows, and of square filters, whose rectangles of more pixels share more inputs.
 * @param width of what tiles cover: the output, or the gradient of it
 */
export function shallowLengths(problem: Problem, width: number): readonly number[] {
  if (problem.filter === 'square') return [28, 14, 7];
  if (width <= 16) return lineLengths(width);
  return width <= LONGEST_ROW && isRowLength(problem, width) ? [...LENGTHS.slice(0, 1), width] : LENGTHS;
}

/** Tiles of a few lengths, or one that is the whole line where it is short. */
export function lineLengths(line: number): readonly number[] {
  const fitting = LENGTHS.filter((length) => length <= line);
  return fitting.length === 0 ? [line] : fitting;
}
