import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Norm } from '../operation.js';
import { teamData, teamsOf } from './team.js';
import { THREADS, vectorOf } from './vector.js';

/** That every block may have without being asked for. */
const SHARED_BYTES = 48 << 10;

/** Fills templates/cuda/norm.cu.hbs, or norm_planes.cu.hbs. */
export function normText({ channels, affine, gelu, planes }: Norm, symbol: string): string {
  const data = { symbol, ...teamData(channels), affine, ...geluData(gelu) };
  if (!planes) return render('cuda/norm.cu.hbs', data);
  const tileBytes = channels * (teamsOf(channels) + 1) * Float32Array.BYTES_PER_ELEMENT;
  return render('cuda/norm_planes.cu.hbs', {
    ...data,
    pixels: planes.pixels,
    side: vectorOf(planes.pixels),
    fromPlanes: planes.of === 'input',
    holdsTile: tileBytes <= SHARED_BYTES,
  });
}

export function normGrid({ channels }: Norm, rows: number): Grid {
  return { blocks: Math.ceil(rows / teamsOf(channels)), threads: THREADS };
}
