import type { Problem } from '../../problem.js';
import { dividesGroups } from '../box_rules.js';
import { MULTIPROCESSORS } from '../h100_model.js';
import { directions } from '../lane_rules.js';
import { LANES, SLAB } from './layout.js';

const LENGTHS = [7, 14] as const;
/** Sides of a region: what dy lies around it is read again by its neighbours, and two must fit into shared memory. */
const SIDES = [14, 28] as const;
const WARPS = [28, 24, 20, 16] as const;
const PRODUCERS = [0, 4] as const;
/** Images that blocks go through together, at most. */
const MOST_IMAGES = 64;

/** Values worth trying, where directions have fewer channels than a block. */
export function regionGradAxes(problem: Problem): Readonly<Record<string, readonly number[]>> {
  const { height, width, stride, batch, channels } = problem;
  const serves = dividesGroups(problem, LANES) && directions(problem).widest < SLAB && channels % SLAB === 0;
  const [rows, columns] = [sides(height / stride), sides(width / stride)];
  const images = Math.min(MOST_IMAGES, batch);
  const regions = Math.ceil(height / (stride * rows.at(-1)!)) * Math.ceil(width / (stride * columns.at(-1)!));
  // One block a multiprocessor: of all, or of as many as regions are shared out to evenly.
  const groups = Math.ceil(batch / images) * Math.ceil(channels / SLAB);
  const most = Math.min(Math.max(1, Math.floor(MULTIPROCESSORS / groups)), regions * images);
  return {
    length: LENGTHS,
    rows: serves ? rows : [],
    columns,
    warps: WARPS,
    producers: PRODUCERS,
    apart: [0, 1],
    images: [images],
    pieces: [...new Set([most, 2 ** Math.floor(Math.log2(most))])],
  };
}

/** Those that fit into so many pixels of a part, or what holds it whole. */
function sides(pixels: number): readonly number[] {
  const fitting = SIDES.filter((side) => side <= pixels);
  return fitting.length > 0 ? fitting : [Math.ceil(pixels / LENGTHS[0]) * LENGTHS[0]];
}
