import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import type { Gelu } from '../operation.js';
import { THREADS, vectorOf } from './vector.js';

const EACH = 4;

/** Fills templates/cuda/gelu.cu.hbs. */
export function geluText({ channels }: Gelu, symbol: string): string {
  const vector = vectorOf(channels);
  const pieces = channels / vector;
  return render('cuda/gelu.cu.hbs', { symbol, vector, pieces, threads: THREADS, perThread: EACH });
}

export function geluGrid({ channels }: Gelu, rows: number): Grid {
  const pieces = (rows * channels) / vectorOf(channels);
  return { blocks: Math.ceil(pieces / (THREADS * EACH)), threads: THREADS };
}
