import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Norm } from '../operation.js';
import { normRowData } from './row.js';

/** Fills templates/cpp/norm.cpp.hbs. */
export function normText({ channels, affine, gelu }: Norm, target: CpuTarget, symbol: string): string {
  return render('cpp/norm.cpp.hbs', { ...normRowData(channels, target), symbol, affine, ...geluData(gelu) });
}
