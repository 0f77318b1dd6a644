import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import type { Pool } from '../operation.js';
import { THREADS, vectorOf } from './vector.js';

/** Pieces of an image that a block adds up. */
const LANES = 32;

/** Fills templates/cuda/pool.cu.hbs. */
export function poolText({ pixels, channels }: Pool, symbol: string): string {
  return render('cuda/pool.cu.hbs', {
    symbol,
    pixels,
    channels,
    vector: vectorOf(channels),
    threads: THREADS,
  });
}

export function poolGrid({ channels }: Pool, images: number): Grid {
  return { blocks: images * Math.ceil(channels / vectorOf(channels) / LANES), threads: THREADS };
}
