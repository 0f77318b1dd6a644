import { groups } from '../../group.js';
import type { Problem } from '../../problem.js';
import { distinct, imageCount } from '../ring_axes.js';
import { ringLayer } from '../ring_turn.js';
import { SLAB } from './plan.js';

/** Pixels a tile that are worth their registers, of x and of dx: a dy is loaded once for all of them. */
const LENGTHS = [14, 7, 28] as const;
/** Warps that compute, beside the one that fetches: registers come in steps of four of them. */
const WARPS = [11, 15, 19, 23] as const;
const IMAGES = [16, 8, 4, 2, 1] as const;
const LAGS = [1, 2, 0] as const;

export function lineGradAxes(problem: Problem): Readonly<Record<string, readonly number[]>> {
  const { width, height } = ringLayer(problem);
  const isOne = groups(problem).length === 1;
  return {
    tiles: distinct(LENGTHS.map((length) => Math.ceil(width / length))),
    // A plane has no more lines than that.
    warps: WARPS.some((warps) => warps <= height) ? WARPS : [height],
    images: [imageCount(problem, IMAGES, { channels: SLAB, resident: 1 })],
    lag: isOne ? LAGS : [0],
  };
}
