import { memoizeEach } from '../memo.js';
import type { Problem } from '../problem.js';
import type { Load, Program } from '../program.js';
import { runs } from '../runs.js';
import type { TapSet } from '../taps.js';
import { type Diagonal, majorOf, narrowTile, straightTile, type TileChoice } from '../tile.js';

/** What is read at once: values that lie one behind the other, from a multiple of 16 bytes on. */
export const FOUR = 4;

/**
 * The tile of a tap set in planes that lie dense in memory: `shallow` pixels of lines that advance along rows, `steep` of
 * others. Shallow ones as long as a row that consists of fours are whole rows; a square filter's are rectangles.
 * @param diagonal what a line at 45 degrees advances along
 */
export function planeTile(
  problem: Problem,
  taps: TapSet,
  { shallow, steep }: { readonly shallow: number; readonly steep: number },
  diagonal: Diagonal,
): TileChoice {
  // As wide as it is high: no diagonal makes it steep.
  if (problem.filter === 'square') return shallow;
  const byRows = isRowLength(problem, shallow);
  // A whole row reads one row for each that the line meets: at 45 degrees as many as the line has taps.
  const along = byRows ? 'y' : diagonal;
  const major = majorOf(taps, along);
  if (byRows && major === 'x') return straightTile('x', shallow);
  const length = major === 'y' ? steep : shallow;
  // A part of a layer with a stride has taps of its own, and tiles that are best for those.
  return problem.stride === 1 ? narrowTile(taps, length, along) : length;
}

/** Whether shallow tiles of lines that are so long are whole rows. */
export function isRowLength({ stride, width }: Problem, length: number): boolean {
  return stride === 1 && length === width && width % FOUR === 0;
}

/** Whether {@link planeTile} made it one. */
export function isWholeRow({ tile }: Pick<Program, 'tile'>): boolean {
  return tile.form === 'straight';
}

/** Loads of a row of the plane, from the left to the right. */
export interface RowLoads {
  readonly dy: number;
  readonly fours: readonly FourLoads[];
}

/** Those of a four that begins at `dx`: one of them at least. */
export interface FourLoads {
  readonly dx: number;
  readonly loads: readonly Load[];
}

/** The loads of a whole row, which a program has row by row. */
export const rowLoads = memoizeEach(({ loads }: Program): readonly RowLoads[] =>
  runs(loads, ({ dy }) => dy).map(({ key: dy, items: row }) => ({
    dy,
    fours: runs(row, ({ dx }) => Math.floor(dx / FOUR) * FOUR).map(({ key: dx, items: loads }) => ({
      dx,
      loads,
    })),
  })),
);

/** Fours that a whole row reads. */
export function fourCount(program: Program): number {
  return rowLoads(program).reduce((sum, { fours }) => sum + fours.length, 0);
}
