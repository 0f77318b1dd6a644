import { memoize } from '../memo.js';
import { type Extent, outputSize, type Problem } from '../problem.js';
import { fpropProgram, type Program } from '../program.js';
import { type TapSet, tapSetKey } from '../taps.js';
import { bestTile, lineTile, type Tile } from '../tile.js';

/** A tile, or how many outputs the best one of a tap set has. */
export type TileChoice = Tile | number;

/** The program of a tap set's tile. A space has thousands of schedules over a few dozen of them. */
export const tileProgram = memoize(
  ({ height, width, stride }: Problem, taps: TapSet, tile: TileChoice) =>
    [height, width, stride, tapSetKey(taps), choiceKey(tile)].join(),
  (problem: Problem, taps: TapSet, tile: TileChoice): Program =>
    fpropProgram(taps, typeof tile === 'number' ? bestTile(taps, tile) : tile, {
      input: { height: problem.height, width: problem.width },
      output: outputSize(problem),
      stride: problem.stride,
    }),
);

/** Outputs of one of `tiles` equal tiles along a line of a plane. */
export function dealtLength({ height, width }: Extent, taps: TapSet, tiles: number): number {
  return Math.ceil((lineTile(taps, 1).major === 'x' ? width : height) / tiles);
}

function choiceKey(tile: TileChoice): string {
  return typeof tile === 'number' ? `${tile}` : `${tile.form} ${tile.step.y}x${tile.step.x}`;
}
