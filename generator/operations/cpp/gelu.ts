import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Gelu } from '../operation.js';
import { vectorData } from './vectors.js';

/** Fills templates/cpp/gelu.cpp.hbs. */
export function geluText({ channels, form }: Gelu, target: CpuTarget, symbol: string): string {
  return render('cpp/gelu.cpp.hbs', { ...vectorData(target), ...geluData(form), symbol, channels });
}
