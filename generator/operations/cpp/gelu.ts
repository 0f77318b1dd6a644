import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import type { Gelu } from '../operation.js';
import { vectorData } from './vectors.js';

/** Fills templates/cpp/gelu.cpp.hbs. */
export function geluText({ channels }: Gelu, target: CpuTarget, symbol: string): string {
  return render('cpp/gelu.cpp.hbs', { ...vectorData(target), symbol, channels });
}
