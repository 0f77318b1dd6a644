import { groups } from '../../group.js';
import type { Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { multiprocessor } from '../multiprocessor.js';
import { bandCounts, distinct, imageCount, lags, ringsHeld } from '../ring_axes.js';
import { PRODUCERS } from './plan.js';

const CHANNELS = [16, 32] as const;
/** Outputs a tile that are worth their registers and their loads. */
const LENGTHS = [14, 7] as const;
/** Warps of a multiprocessor, all blocks and producers together: registers come in steps of four of them. */
const WARPS = [24, 28, 20] as const;
const IMAGES = [16, 8, 4, 2] as const;
/** Rows a band, the best first, and bands at most: a box should be long, and a plane have a few. */
const BAND_ROWS = [8, 4, 14, 7] as const;
const MOST_BANDS = 16;
/** A lag of 1 makes blocks wait for memory each time, unless bands are long: docs/gpu-kernels.md, "Rings in step". */
const LAGS = [2, 1] as const;
/** Tiles of a line that a warp computes one after another: runs of four lost at 22.5 and 45 degrees (docs/gpu-kernels.md, "Rings in step"). */
const RUNS = [2, 1] as const;
/** Kernels of fewer taps read little beside what they compute: cuda_direct needs no shared memory for them. */
const LONG = 13;

/**
 * For layers of one direction and a long kernel whose planes fill a multiprocessor. Where several fit, blocks of cuda_staged
 * fetch and compute beside one another as well; with several directions all wait for the slowest, since there is but one
 * wave of blocks (docs/gpu-kernels.md). So little is tried of others, and nothing with several directions.
 */
export function ringAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const machine = multiprocessor(target as CudaTarget);
  const one = groups(problem).length === 1;
  const widths = one ? CHANNELS.filter((channels) => ringsHeld(problem, machine, channels) > 0) : [];
  const blocks = distinct(widths.map((channels) => ringsHeld(problem, machine, channels)));
  const best = problem.kernel >= LONG && blocks.every((count) => count === 1);
  const tried = <T>(values: readonly T[]) => (best ? values : values.slice(0, 1));
  const side = Math.max(problem.height, problem.width);
  return {
    channels: widths,
    tiles: distinct(tried(LENGTHS).map((length) => Math.ceil(side / length))),
    warps: distinct(
      blocks.flatMap((count) => tried(WARPS).map((all) => Math.max(1, Math.floor(all / count) - PRODUCERS))),
    ),
    resident: blocks,
    images: distinct(
      widths.map((channels) =>
        imageCount(problem, IMAGES, { channels, resident: ringsHeld(problem, machine, channels) }),
      ),
    ),
    bands: tried(bandCounts(problem, BAND_ROWS, MOST_BANDS).slice(0, 2)),
    depth: [1],
    lag: best ? lags(problem, widths, LAGS) : [0],
    run: best ? RUNS : [1],
  };
}
