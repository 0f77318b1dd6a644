import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import { NORM_EPSILON, type Norm } from '../operation.js';
import { normRowData } from './row.js';

/** Fills templates/cpp/norm.cpp.hbs. */
export function normText({ channels, affine, gelu }: Norm, target: CpuTarget, symbol: string): string {
  return render('cpp/norm.cpp.hbs', { ...normRowData(channels, NORM_EPSILON, target), symbol, affine, gelu });
}
