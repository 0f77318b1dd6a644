import { memoize } from '../memo.js';
import { type Extent, outputSize, type Problem } from '../problem.js';
import { fpropProgram, type Program } from '../program.js';
import { type TapSet, tapSetKey } from '../taps.js';
import { chosenTile, majorOf, type TileChoice, tileKey } from '../tile.js';

/** The program of a tap set's tile. A space has thousands of schedules over a few dozen of them. */
export const tileProgram = memoize(
  ({ height, width, stride }: Problem, taps: TapSet, tile: TileChoice) =>
    [height, width, stride, tapSetKey(taps), tileKey(tile)].join(),
  (problem: Problem, taps: TapSet, tile: TileChoice): Program =>
    fpropProgram(taps, chosenTile(taps, tile), {
      input: { height: problem.height, width: problem.width },
      output: outputSize(problem),
      stride: problem.stride,
    }),
);

/** Outputs of one of `tiles` equal tiles along a line of a plane. */
export function dealtLength({ height, width }: Extent, taps: TapSet, tiles: number): number {
  return Math.ceil((majorOf(taps) === 'x' ? width : height) / tiles);
}
