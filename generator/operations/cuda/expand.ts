import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import type { Expand } from '../operation.js';
import { THREADS, vectorOf } from './vector.js';

/** Pixels that a thread does with the same weights. */
const GROUP = 8;
/** Planes whose loads may be in flight together. */
const UNROLLED = 4;

/** Fills templates/cuda/expand.cu.hbs. */
export function expandText(op: Expand, symbol: string): string {
  const { height, width, planes, channels } = op;
  return render('cuda/expand.cu.hbs', {
    symbol,
    pixels: height * width,
    planes,
    channels,
    vector: vectorOf(channels),
    in: vectorOf(height * width),
    group: GROUP,
    unrolled: Math.min(planes, UNROLLED),
    blocks: blocksOf(op),
    threads: THREADS,
  });
}

export function expandGrid(op: Expand, images: number): Grid {
  return { blocks: blocksOf(op) * images, threads: THREADS };
}

/** Of an image. */
function blocksOf({ height, width, channels }: Expand): number {
  const groups = Math.ceil((height * width) / GROUP);
  return Math.ceil((groups * channels) / vectorOf(channels) / THREADS);
}
