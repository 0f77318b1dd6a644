import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Norm } from '../operation.js';
import { isOfPlanes, normPlanesGrid, normPlanesText } from './norm_planes.js';
import { teamData, teamsOf } from './team.js';
import { THREADS } from './vector.js';

/** Fills templates/cuda/norm.cu.hbs, or norm_planes.cu.hbs. */
export function normText(op: Norm, symbol: string): string {
  if (isOfPlanes(op)) return normPlanesText(op, symbol);
  const { channels, affine, gelu } = op;
  return render('cuda/norm.cu.hbs', { symbol, ...teamData(channels), affine, ...geluData(gelu) });
}

export function normGrid(op: Norm, rows: number): Grid {
  if (isOfPlanes(op)) return normPlanesGrid(op, rows);
  return { blocks: Math.ceil(rows / teamsOf(op.channels)), threads: THREADS };
}
