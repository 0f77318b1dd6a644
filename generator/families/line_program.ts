import { memoize } from '../memo.js';
import { outputSize, type Problem } from '../problem.js';
import { fpropProgram, type Program } from '../program.js';
import { type TapSet, tapSetKey } from '../taps.js';
import { lineTile } from '../tile.js';

/** The program of `length` outputs along a tap set's line. A space has thousands of schedules over a few dozen of them. */
export const lineProgram = memoize(
  ({ height, width, stride }: Problem, taps: TapSet, length: number) =>
    [height, width, stride, tapSetKey(taps), length].join(),
  (problem: Problem, taps: TapSet, length: number): Program =>
    fpropProgram(taps, lineTile(taps, length), {
      input: { height: problem.height, width: problem.width },
      output: outputSize(problem),
      stride: problem.stride,
    }),
);
