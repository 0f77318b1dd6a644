import { gradSize } from '../../gradient.js';
import { groups } from '../../group.js';
import type { Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { BLOCK_SHARED, multiprocessor } from '../multiprocessor.js';
import { LENGTHS, lineLengths, shallowLengths } from '../plane_lengths.js';

/** Bytes of x that a step copies: long copies, but room for many blocks. */
const STEP_BYTES = { least: 3 << 10, most: 13 << 10 };

/** Rows of dy a band. */
const MOST_ROWS = 56;

/** Values worth trying; which of them go together is what the rules say. */
export function packedGradAxes(
  problem: Problem,
  target: Target,
): Readonly<Record<string, readonly number[]>> {
  const { filter } = problem;
  const { height, width } = gradSize(problem);
  const planes = planeCounts(problem);
  const banded = bands(problem, target as CudaTarget);
  const tiles = (planes[0]! * problem.height * problem.width) / LENGTHS[0]!;
  return {
    shallow: shallowLengths(problem, width),
    steep: filter === 'square' ? [1] : steepLengths(height, banded),
    threads: threadCounts(problem, tiles),
    planes,
    images: imageCounts(problem, planes),
    band: banded,
    order: orders(problem),
    depth: [1, 2],
    resident: [10, 8, 7, 6, 5, 4, 3, 2, 1],
  };
}

/** Enough that a thread has a few of a step's tiles, and sums over them before warps add theirs. */
function threadCounts({ width, stride }: Problem, tiles: number): readonly number[] {
  if (tiles < 64) return [32];
  if (tiles < 256) return [64, 128];
  if (stride > 1) return [128, 256];
  return width > 16 ? [128, 160, 96, 224] : [128, 160, 224];
}

/** Directions that vary slowest help where the code of all of them together is long. */
function orders(problem: Problem): readonly number[] {
  const directions = groups(problem);
  const taps = directions.reduce((sum, { taps: { taps } }) => sum + taps.length, 0);
  return directions.length > 1 && taps > 64 ? [0, 1] : [0];
}

/** Planes a step: the two largest powers of two that keep it short. */
function planeCounts({ height, width }: Problem): readonly number[] {
  const bytes = 4 * height * width;
  const most = Math.min(STEP_BYTES.most / bytes, Math.max(16, STEP_BYTES.least / bytes), 32);
  const largest = 2 ** Math.floor(Math.log2(Math.max(1, most)));
  return [largest, largest / 2].filter((count) => count >= 1);
}

/** A few steps a block, or all of a batch of small planes, so that there are no partial sums. */
function imageCounts({ batch }: Problem, planes: readonly number[]): readonly number[] {
  const largest = planes[0]!;
  if (largest === 1) return [1, 2, 4, 8];
  const all = Math.ceil(batch / largest) * largest;
  return [...new Set([all, 2 * largest, largest])];
}

/** Whole planes while two blocks of them fit side by side, else bands that leave room for two or more. */
function bands(problem: Problem, target: CudaTarget): readonly number[] {
  const { height, width } = gradSize(problem);
  const bytes = 4 * (problem.height * problem.width + height * width);
  const whole = 2 * (bytes + BLOCK_SHARED) <= multiprocessor(target).shared;
  if (whole && problem.stride === 1) return [0];
  const length = bandLength(height);
  const parts = divisors(height).filter((rows) => rows % length === 0 && rows < height && rows <= MOST_ROWS);
  return [0, ...parts.slice(-3)];
}

/** Bands consist of whole tiles. */
function steepLengths(height: number, bands: readonly number[]): readonly number[] {
  return bands.length === 1
    ? lineLengths(height)
    : [...new Set([...lineLengths(height), bandLength(height)])];
}

function bandLength(height: number): number {
  const usual = LENGTHS.find((length) => height % length === 0);
  return usual ?? divisors(height).findLast((length) => length <= LENGTHS.at(-1)!)!;
}

function divisors(value: number): readonly number[] {
  return Array.from({ length: value }, (_, i) => i + 1).filter((one) => value % one === 0);
}
