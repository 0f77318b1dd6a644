import type { Problem } from '../../problem.js';
import { dividesGroups } from '../box_rules.js';
import { MULTIPROCESSORS } from '../h100_model.js';
import { directions } from '../lane_rules.js';
import { LANES, SLAB } from './layout.js';
import { regionsOf } from './plan.js';

const LENGTHS = [7, 14] as const;
/** Of a region: two of more pixels, with the dy around them, find no shared memory at K = 31. */
const SIDE = 14;
const WARPS = [28, 24, 20, 16] as const;
const PRODUCERS = [0, 4] as const;
/** Images that blocks go through together, at most: of fewer, neighbours have less dy in common (docs/gpu-backward.md). */
const MOST_IMAGES = 64;

/** Values worth trying, where directions have fewer channels than a block. */
export function regionGradAxes(problem: Problem): Readonly<Record<string, readonly number[]>> {
  const { height, width, stride, batch, channels } = problem;
  const serves = dividesGroups(problem, LANES) && directions(problem).widest < SLAB && channels % SLAB === 0;
  const [rows, columns] = [side(height / stride), side(width / stride)];
  const images = Math.min(MOST_IMAGES, batch);
  const { across, down } = regionsOf(problem, { rows, columns });
  // One block a multiprocessor: of all, or of as many as regions are shared out to evenly.
  const groups = Math.ceil(batch / images) * Math.ceil(channels / SLAB);
  const most = Math.min(Math.max(1, Math.floor(MULTIPROCESSORS / groups)), across * down * images);
  return {
    length: LENGTHS,
    rows: serves ? [rows] : [],
    columns: [columns],
    warps: WARPS,
    producers: PRODUCERS,
    apart: [0, 1],
    grouped: [0, 1],
    step: [0, 1, 2],
    images: [images],
    pieces: [...new Set([most, 2 ** Math.floor(Math.log2(most))])],
  };
}

/** Of a part of so many pixels: the usual one, or what holds it whole. */
function side(pixels: number): number {
  return pixels >= SIDE ? SIDE : Math.ceil(pixels / LENGTHS[0]) * LENGTHS[0];
}
