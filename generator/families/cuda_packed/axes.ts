import { outputSize, type Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { BLOCK_SHARED, multiprocessor } from '../multiprocessor.js';
import { LENGTHS, lineLengths, shallowLengths } from '../plane_lengths.js';

/** What a step copies should be long, but leave room for many blocks, in bytes. */
const STEP_BYTES = { least: 3 << 10, most: 13 << 10 };

/** Values worth trying; which of them go together is what the rules say. */
export function packedAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const { filter } = problem;
  const { height, width } = outputSize(problem);
  const planes = planeCounts(problem);
  const tiles = (planes[0]! * height * width) / LENGTHS[0]!;
  return {
    shallow: shallowLengths(problem, width),
    steep: filter === 'square' ? [1] : lineLengths(height),
    threads: tiles < 64 ? [32, 64] : tiles < 256 ? [64, 128] : [128, 256],
    planes,
    images: planes.length === 1 ? [1, 2] : planes,
    band: bands(problem, target as CudaTarget),
    resident: [8, 10, 5, 4, 3, 2, 1],
  };
}

/** Planes a step: the two largest powers of two that keep it short. */
function planeCounts({ height, width }: Problem): readonly number[] {
  const bytes = 4 * height * width;
  const most = Math.min(STEP_BYTES.most / bytes, Math.max(8, STEP_BYTES.least / bytes), 32);
  const largest = 2 ** Math.floor(Math.log2(Math.max(1, most)));
  return largest === 1 ? [1] : [largest, largest / 2];
}

/** Whole planes while two blocks of them fit side by side, else bands that leave room for two or more. */
function bands(problem: Problem, target: CudaTarget): readonly number[] {
  const { height, width } = outputSize(problem);
  const bytes = 4 * (problem.height * problem.width + height * width);
  if (2 * (bytes + BLOCK_SHARED) <= multiprocessor(target).shared) return [0];
  return [0, ...[28, 14].filter((rows) => rows < height)];
}
