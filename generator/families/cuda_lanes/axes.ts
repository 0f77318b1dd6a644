import { outputSize, type Problem } from '../../problem.js';
import { tileLengths, widestGroup } from '../chunk.js';
import { BULK } from './plan.js';

/** What a block's planes should take of shared memory, so that many blocks fit, in bytes. */
const BLOCK_BYTES = 28 << 10;

/** Values worth trying; which of them go together is what the rules say. */
export function lanesAxes(problem: Problem): Readonly<Record<string, readonly number[]>> {
  const { height, width } = outputSize(problem);
  const channelBytes = 4 * (problem.height * problem.width + height * width);
  const fits = (lanes: number, images: number) => lanes * images * channelBytes <= BLOCK_BYTES;
  const most = [32, 16].find((lanes) => fits(lanes, 1) && widestGroup(problem) > lanes / 2) ?? 8;
  return {
    length: tileLengths(problem, { height, width }),
    lanes: [most],
    warps: [4, 7, 2],
    images: [1, 2, 4].filter((images) => images === 1 || fits(most, images)),
    copy: [BULK, 16, 4],
    resident: [16, 12, 8, 7, 5, 3, 2, 1],
  };
}
