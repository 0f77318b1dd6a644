import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Gelu } from '../operation.js';
import { THREADS, vectorOf } from './vector.js';

const EACH = 4;

/** Fills templates/cuda/gelu.cu.hbs. */
export function geluText({ channels, form }: Gelu, symbol: string): string {
  const vector = vectorOf(channels);
  const pieces = channels / vector;
  const grid = { threads: THREADS, perThread: EACH };
  return render('cuda/gelu.cu.hbs', { symbol, ...geluData(form), vector, pieces, ...grid });
}

export function geluGrid({ channels }: Gelu, rows: number): Grid {
  const pieces = (rows * channels) / vectorOf(channels);
  return { blocks: Math.ceil(pieces / (THREADS * EACH)), threads: THREADS };
}
