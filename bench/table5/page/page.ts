import { OPS, type Op } from '../../../generator/problem.js';
import { render } from '../../../generator/template.js';
import type { Range } from '../../../tuner/measure/clock_range.js';
import { median } from '../../../tuner/measure/stats.js';
import { countText, momentText, ratioText } from '../../../tuner/report/text.js';
import { AS_PUBLISHED_NOTE } from '../angles.js';
import { cellName } from '../cell.js';
import { MEASURE_WORDS } from '../measure.js';
import { noiseOf, noiseText } from '../noise.js';
import { PEERS } from '../peers.js';
import type { CellResult, TableResult } from '../result.js';
import { angleSpread, byLayout, fastestPeer, toFloor } from '../summary.js';
import { floorChart } from './floor_chart.js';
import { stepTable } from './step_table.js';

/** A table's result as one HTML page that needs nothing else: no network and no script. @throws TemplateError */
export function tablePage({ provenance, cells }: TableResult): string {
  const { gpu, machine, threads, compiler, clocks, measured, angles, peers } = provenance;
  return render('report/table5.html.hbs', {
    machine: gpu?.name ?? machine?.cpu ?? 'unknown machine',
    where: gpu
      ? `${gpu.target}, driver for CUDA ${gpu.driver}${clocks ? `, ${rangeText(clocks.smMHz)} MHz` : ''}`
      : `cpu:${machine?.isa ?? 'plain'}, ${countText(threads ?? 1, 'thread')}`,
    compiler: compiler ?? 'no compiler',
    made: momentText(measured),
    asPublished: angles === 'as published',
    note: AS_PUBLISHED_NOTE,
    figures: figures(cells),
    noise: noiseText(noiseOf(cells)),
    clock: gpu ? "the device's time" : 'wall clock, too',
    peers: peers.map(({ name, version, missing }) => ({
      name,
      about: PEERS[name].about,
      state: version ?? `missing: ${missing}`,
      there: version !== null,
    })),
    layouts: byLayout(cells).map(layoutView),
  });
}

function rangeText({ low, high }: Range): string {
  return low === high ? `${low}` : `${low} to ${high}`;
}

function layoutView(columns: readonly CellResult[]) {
  const { layout, dtype, batch, channels } = columns[0]!;
  return {
    name: `${layout.toUpperCase()} ${dtype}`,
    what: `N=${batch}, C=${channels}`,
    steps: (['step', 'full'] as const).map((step) => ({
      words: MEASURE_WORDS[step],
      ...stepTable(columns, step),
    })),
    operations: OPS.map((op) => operationView(columns, op)),
    kernels: columns.map(kernelsView),
  };
}

function operationView(columns: readonly CellResult[], op: Op) {
  return {
    words: `${op}: ${MEASURE_WORDS[op]}`,
    charts: columns.map((column) => ({
      heading: `${column.size}×${column.size} K=${column.kernel}`,
      spread: ratioText(angleSpread(column, op).ratio),
      chart: floorChart(column, op),
    })),
  };
}

function kernelsView(column: CellResult) {
  return {
    cell: cellName(column),
    rounds: `${column.rounds} rounds, ${column.sets} sets of tensors`,
    rows: column.layers.flatMap(({ label, kernels }) =>
      (['fprop', 'wgrad', 'backward'] as const).map((op) => ({ label, op, ...kernels[op] })),
    ),
  };
}

/** What a page says first. */
function figures(cells: readonly CellResult[]) {
  const all = <T>(value: (cell: CellResult) => readonly T[]) => cells.flatMap(value);
  const ratios = all((cell) =>
    cell.layers.flatMap(({ times }) => OPS.map((op) => toFloor(cell, op, times[op])!)),
  );
  const spreads = all((cell) => OPS.map((op) => angleSpread(cell, op).ratio));
  const gains = all((cell) => {
    const peer = fastestPeer(cell, 'step');
    return peer ? [peer.time.median / angleSpread(cell, 'step').mean] : [];
  });
  return [
    { value: ratioText(median(ratios)), name: 'the copy, in the median' },
    { value: ratioText(Math.max(...ratios)), name: 'the copy, at worst' },
    { value: ratioText(median(spreads)), name: 'slowest angle to fastest, in the median' },
    ...(gains.length > 0
      ? [{ value: ratioText(median(gains)), name: 'as fast as the best peer, in the median' }]
      : []),
  ];
}
