import type { Timing } from '../bench/layers.js';
import { isStep, MEASURE_WORDS, MEASURES, type Measure } from '../bench/table5/measure.js';
import { noiseOf, noiseText } from '../bench/table5/noise.js';
import { PUBLISHED_GPU, publishedTimes } from '../bench/table5/published.js';
import type { CellResult, TableResult } from '../bench/table5/result.js';
import { angleSpread, byLayout, floorTiming, milliseconds, peerLabel } from '../bench/table5/summary.js';
import type { Ui } from './ui.js';

/** A table a layout and measure, like the paper's: cells are columns; peers, then ours at each angle, are rows. */
export function tableText({ provenance, cells }: TableResult, ui: Ui): string {
  const tables = byLayout(cells).flatMap((columns) =>
    MEASURES.map((measure) => `${heading(columns[0]!, measure, ui)}\n${measureTable(columns, measure, ui)}`),
  );
  const missing = provenance.peers.filter((peer) => peer.missing !== null);
  return [
    ...tables,
    ...missing.map((peer) => `${peer.name} is missing: ${peer.missing}`),
    noiseText(noiseOf(cells)),
    originLine(cells),
  ].join('\n\n');
}

function heading({ layout, dtype, batch, channels }: CellResult, measure: Measure, ui: Ui): string {
  const words = `${layout} ${dtype} N=${batch} C=${channels}, ${MEASURE_WORDS[measure]}`;
  return ui.paint.bold(`${words}: ${isStep(measure) ? 'milliseconds' : 'milliseconds, and times the copy'}`);
}

function measureTable(columns: readonly CellResult[], measure: Measure, ui: Ui): string {
  const row = (label: string, cell: (column: CellResult) => string) => [label, ...columns.map(cell)];
  const [first] = columns;
  const rows = [
    ...first!.peers.map((peer, i) =>
      row(peerLabel(peer), (column) => timed(column, measure, column.peers[i]!.times[measure])),
    ),
    ...first!.layers.map(({ label }, i) =>
      row(`ours ${label}`, (column) => timed(column, measure, column.layers[i]!.times[measure])),
    ),
    row('slowest angle to fastest', (column) => `${angleSpread(column, measure).ratio.toFixed(2)} x`),
    ...(isStep(measure) ? [] : [row('copy', (column) => milliseconds(floorTiming(column, measure)!.median))]),
    ...(measure === 'step' ? publishedRows(columns) : []),
  ];
  return ui.table(['', ...columns.map(({ size, kernel }) => `${size} K=${kernel}`)], rows);
}

function publishedRows(columns: readonly CellResult[]): readonly (readonly string[])[] {
  if (!columns.some(publishedTimes)) return [];
  const row = (label: string, key: 'torch' | 'paper') => [
    `${label}, published (${PUBLISHED_GPU}, N=64)`,
    ...columns.map((column) => publishedTimes(column)?.[key].toFixed(1) ?? '-'),
  ];
  return [row('torch 1xK', 'torch'), row('paper', 'paper')];
}

function timed(cell: CellResult, measure: Measure, timing: Timing | undefined): string {
  if (!timing) return '-';
  const floor = floorTiming(cell, measure);
  const time = milliseconds(timing.median);
  return floor ? `${time} ${(timing.median / floor.median).toFixed(2)} x` : time;
}

/** Which kernels were chosen by measuring their own layer, and which were not. */
function originLine(cells: readonly CellResult[]): string {
  const counts = new Map<string, number>();
  for (const { layers } of cells)
    for (const { kernels } of layers)
      for (const { origin } of Object.values(kernels)) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  const line = `kernels: ${[...counts].map(([origin, count]) => `${count} ${origin}`).join(', ')}`;
  if (!counts.has('transferred') && !counts.has('default')) return line;
  return `${line}; transferred and default ones were not chosen by measuring their own layer: tune table5 --directions both does`;
}
