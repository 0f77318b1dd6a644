import type { CpuTarget } from '../../target.js';
import type { Printable, TemplateData } from '../../template.js';
import { NORM_EPSILON } from '../operation.js';
import { blocksOf, vectorData, widths } from './vectors.js';

/** Sums side by side: an addition takes four cycles, and one may begin each cycle. */
const SUMS = 4;

/** What templates/cpp/partials/norm_row.hbs and vector.hbs print for rows of so many channels. */
export function normRowData(channels: number, target: CpuTarget): TemplateData {
  return {
    ...vectorData(target),
    channels,
    epsilon: NORM_EPSILON.toExponential(),
    sums: SUMS,
    halves: halves(target.lanes),
    ...vectorsOfRow(channels, target.lanes),
  };
}

/** A loop over {@link SUMS} whole vectors at a time, and every vector that is left. */
function vectorsOfRow(channels: number, lanes: number): TemplateData {
  const vectors = blocksOf(channels, lanes, 1).map(({ lanes, from }, i) => ({
    lanes,
    at: from,
    sum: i % SUMS,
  }));
  const step = SUMS * lanes;
  const turns = Math.floor(channels / step);
  return {
    looped: turns > 0,
    loop: { to: turns * step, step, vectors: turns > 0 ? vectors.slice(0, SUMS) : [] },
    rest: vectors.slice(turns * SUMS),
  };
}

/** Indices of both halves of a vector, narrowest first. */
function halves(lanes: number): Printable {
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i).join(', ');
  return widths(lanes)
    .filter((count) => count > 1)
    .reverse()
    .map((count) => ({ count, half: count / 2, low: range(0, count / 2), high: range(count / 2, count) }));
}
