import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import type { Expand } from '../operation.js';
import { blocksOf, vectorData } from './vectors.js';

/** Registers that a pixel's value and its sums' addresses leave alone. */
const SPARE = 4;

/** More than there are planes, or vectors side by side. */
const UNROLL = 32;

/** Fills templates/cpp/expand.cpp.hbs. */
export function expandText(op: Expand, target: CpuTarget, symbol: string): string {
  const { height, width, planes, channels } = op;
  // A vector of channels takes a register for each plane's weights, one for the bias and one for the sum.
  const most = Math.max(1, Math.floor((target.registers - SPARE) / (planes + 2)));
  const blocks = blocksOf(channels, target.lanes, most).map((block) => ({ ...block }));
  return render('cpp/expand.cpp.hbs', {
    ...vectorData(target),
    symbol,
    height,
    width,
    planes,
    channels,
    blocks,
    unroll: UNROLL,
  });
}
