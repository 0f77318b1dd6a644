import type { PeerDevice } from '../bench/peer.js';
import { PUBLISHED_ANGLES, TRUE_ANGLES } from '../bench/table5/angles.js';
import { benchCell, type CellTimes, type Heat } from '../bench/table5/bench_cell.js';
import {
  type Cell,
  cellName,
  cellProblem,
  cells,
  type TableLayer,
  tableLayers,
} from '../bench/table5/cell.js';
import type { OpenPeer } from '../bench/table5/peers.js';
import type { CellResult } from '../bench/table5/result.js';
import type { LayerKernels, TableStage } from '../bench/table5/stage.js';
import type { Problem } from '../generator/problem.js';
import type { ClockRange } from '../tuner/measure/clock_range.js';
import type { BenchOptions } from './bench.js';
import { type ChosenKernel, chosenKernels } from './chosen_kernels.js';
import { clockLog } from './clock_log.js';
import type { Device } from './device.js';
import { requireChannels } from './problem_options.js';
import { tableSpec } from './table5_options.js';
import { stages } from './table5_stages.js';
import { assertTunable } from './tunable.js';
import type { Ui } from './ui.js';

/** All of a table that is fixed before it is timed. */
export interface TablePlan {
  readonly columns: readonly Cell[];
  readonly rows: readonly TableLayer[];
  /** By column, row and {@link PARTS}. */
  readonly problems: readonly (readonly (readonly Problem[])[])[];
}

/** @throws CliError if a layer has no kernel, an angle no channel, or the tensors do not fit this machine */
export function planned(options: BenchOptions, { kind, target }: Device): TablePlan {
  const columns = cells(tableSpec(options, kind));
  const rows = tableLayers(options.asPublished ? PUBLISHED_ANGLES : TRUE_ANGLES);
  const parts = (cell: Cell, angles?: readonly number[]) => PARTS.map((op) => cellProblem(cell, op, angles));
  const problems = columns.map((cell) => rows.map(({ angles }) => parts(cell, angles)));
  for (const one of problems.flat(2)) requireChannels(one);
  assertTunable(
    columns.flatMap((cell) => parts(cell)),
    target,
  );
  return { columns, rows, problems };
}

export interface TimedTable {
  readonly cells: CellResult[];
  /** Of a GPU whose driver tells, at the end of each round. */
  readonly clocks: ClockRange | undefined;
}

/**
 * Times cell after cell.
 * @param deadline of the last round, by performance.now()
 * @throws CliError, BenchError, DeviceError
 */
export async function timeTable(
  { columns, rows, problems }: TablePlan,
  {
    device,
    peers,
    db,
  }: { readonly device: Device; readonly peers: readonly OpenPeer[]; readonly db: string },
  deadline: number,
  ui: Ui,
): Promise<TimedTable> {
  const kernels = await chosenKernels(problems.flat(2), device, db, ui);
  const stageOf = await stages(device);
  const place: PeerDevice =
    device.kind === 'cpu' ? { device: 'cpu', threads: device.threads } : { device: 'cuda' };
  const progress = ui.progress('timing', columns.length);
  const results: CellResult[] = [];
  const clocks = clockLog(device);
  try {
    for (const [at, cell] of columns.entries()) {
      progress.say(cellName(cell));
      // What the cells before it have left over is for all that are to come.
      const until = performance.now() + (deadline - performance.now()) / (columns.length - at);
      const layers = problems[at]!.map((parts) => kernelsOf(parts.map((part) => kernels.get(part)!)));
      const heat = {
        layers: layers.map(({ contestants }) => contestants),
        ...{ peers, device: place, onRound: clocks.read, isOver: () => performance.now() > until },
      };
      const times = await onStage(cell, stageOf, heat);
      results.push(cellResult(cell, rows, layers, times));
      progress.step(cellName(cell));
    }
    return { cells: results, clocks: clocks.range() };
  } finally {
    progress.stop();
  }
}

async function onStage(
  cell: Cell,
  stageOf: (cell: Cell) => TableStage,
  heat: Omit<Heat, 'stage'>,
): Promise<CellTimes> {
  const stage = stageOf(cell);
  try {
    return await benchCell(cell, { ...heat, stage });
  } finally {
    stage.close();
  }
}

function cellResult(
  { kind: _, ...cell }: Cell,
  rows: readonly TableLayer[],
  layers: readonly ReturnType<typeof kernelsOf>[],
  times: CellTimes,
): CellResult {
  return {
    ...cell,
    ...times,
    layers: rows.map(({ label, angles }, i) => ({
      ...{ label, angles: [...angles] },
      ...{ kernels: layers[i]!.named, times: times.layers[i]! },
    })),
    peers: [...times.peers],
  };
}

/** The kernels of a layer; dgrad is fprop's. */
const PARTS = ['fprop', 'wgrad', 'backward'] as const;

function kernelsOf(parts: readonly ChosenKernel[]) {
  const by = <T>(value: (part: ChosenKernel) => T) =>
    Object.fromEntries(PARTS.map((op, i) => [op, value(parts[i]!)])) as Record<(typeof PARTS)[number], T>;
  return {
    contestants: by(({ contestant }) => contestant) satisfies LayerKernels,
    named: by(({ contestant, origin }) => ({ kernel: contestant.kernel, origin })),
  };
}
