import { median } from '../../tuner/measure/stats.js';
import type { Timing } from '../layers.js';
import { cellName } from './cell.js';
import { MEASURES } from './measure.js';
import type { CellResult } from './result.js';

/** Part of its median by which a time may spread before a page should not be trusted. */
const LOUD = 0.1;

/** How far the samples of ours and of the copies lie apart: spreads are parts of their medians, over all rounds. */
export interface Noise {
  readonly median: number;
  readonly worst: number;
  /** Whose the worst is: `wgrad 22.5°, nhwc 14x14 K=7`. */
  readonly where: string;
  /** Times that spread by more than a tenth, and all. */
  readonly loud: number;
  readonly count: number;
}

export function noiseOf(cells: readonly CellResult[]): Noise {
  const spreads = cells.flatMap((cell) =>
    timingsOf(cell).map(([name, { spread }]) => ({ spread, where: `${name}, ${cellName(cell)}` })),
  );
  const worst = spreads.reduce((most, one) => (one.spread > most.spread ? one : most));
  return {
    median: median(spreads.map(({ spread }) => spread)),
    worst: worst.spread,
    where: worst.where,
    loud: spreads.filter(({ spread }) => spread > LOUD).length,
    count: spreads.length,
  };
}

/** In a line, with the way out where there is too much of it. */
export function noiseText({ median, worst, where, loud, count }: Noise): string {
  const line = `samples of a time spread by ${percentText(median)} in the median, by ${percentText(worst)} at worst (${where})`;
  if (loud === 0) return line;
  const rule = `${loud} of ${count} times spread by more than ${percentText(LOUD)}`;
  return `${line}; ${rule}: measure again on a quiet machine, with more --budget`;
}

/** `0.3 %`, `12 %`. */
export function percentText(part: number): string {
  const percent = 100 * part;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

function timingsOf({ layers, copies }: CellResult): readonly (readonly [string, Timing])[] {
  return [
    ...layers.flatMap(({ label, times }) =>
      MEASURES.map((measure) => [`${measure} ${label}`, times[measure]] as const),
    ),
    ['copy of two tensors', copies.pass],
    ['copy of three tensors', copies.backward],
  ];
}
