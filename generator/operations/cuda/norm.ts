import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Norm } from '../operation.js';
import { teamData, teamsOf } from './team.js';
import { THREADS } from './vector.js';

/** Fills templates/cuda/norm.cu.hbs. */
export function normText({ channels, affine, gelu }: Norm, symbol: string): string {
  return render('cuda/norm.cu.hbs', { symbol, ...teamData(channels), affine, ...geluData(gelu) });
}

export function normGrid({ channels }: Norm, rows: number): Grid {
  return { blocks: Math.ceil(rows / teamsOf(channels)), threads: THREADS };
}
