import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import type { Patches } from '../operation.js';
import { normRowData } from './row.js';

/** Fills templates/cpp/patches.cpp.hbs. */
export function patchesText(op: Patches, target: CpuTarget, symbol: string): string {
  const { layout, height, width, channels, side, normalize } = op;
  const planes = layout === 'nchw';
  return render('cpp/patches.cpp.hbs', {
    ...normRowData(channels, target),
    symbol,
    channels,
    height,
    width,
    side,
    rows: Math.floor(height / side),
    columns: Math.floor(width / side),
    pixel: planes ? 1 : 'CHANNELS',
    planes,
    copied: !planes && !normalize,
    normalized: normalize,
  });
}
