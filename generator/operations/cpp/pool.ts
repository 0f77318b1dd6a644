import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import type { Pool } from '../operation.js';
import { blocksOf, vectorData, widths } from './vectors.js';

/** Vectors of sums side by side: two cache lines of a pixel with AVX-512, and units enough for many threads. */
const VECTORS = 4;

/** Fills templates/cpp/pool.cpp.hbs. */
export function poolText({ pixels, channels }: Pool, target: CpuTarget, symbol: string): string {
  const lanes = target.lanes / 2; // a sum takes twice the room
  return render('cpp/pool.cpp.hbs', {
    ...vectorData(target),
    symbol,
    pixels,
    channels,
    doubles: widths(lanes).map((count) => ({ count, bytes: 8 * count })),
    blocks: blocksOf(channels, lanes, VECTORS).map((block) => ({ ...block })),
    unroll: VECTORS,
  });
}
