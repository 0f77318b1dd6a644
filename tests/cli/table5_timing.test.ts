import { afterEach, expect, test, vi } from 'vitest';
import { benchCell } from '../../bench/table5/bench_cell.js';
import { cellProblem, cells, tableLayers } from '../../bench/table5/cell.js';
import type { Device } from '../../cli/device.js';
import { timeTable } from '../../cli/table5_timing.js';
import { Ui } from '../../cli/ui.js';
import type { Clocks } from '../../runtime/cuda/clocks.js';
import { captured } from '../support/cli.js';

// What is timed is of no interest here: no kernel is made, and a cell is two rounds of nothing.

const made = vi.hoisted(() => ({ origin: 'default' as const, contestant: { kernel: 'none' } }));
vi.mock('../../cli/chosen_kernels.js', () => ({ chosenKernels: async () => ({ get: () => made }) }));
vi.mock('../../cli/table5_stages.js', () => ({ stages: async () => () => ({ close() {} }) }));
vi.mock(import('../../bench/table5/bench_cell.js'));
afterEach(() => vi.resetAllMocks());

const COLUMNS = cells({
  ...{ layouts: ['nhwc'], dtypes: ['f32'], sizes: [4, 5], kernels: [3] },
  ...{ batch: 1, channels: 8 },
});
const ROWS = tableLayers([{ label: '0°', angle: 0 }]);

function timed(device: Partial<Device>) {
  vi.mocked(benchCell).mockImplementation(async (_, { onRound }) => {
    for (let round = 0; round < 2; round++) onRound();
    return { sets: 1, rounds: 2, layers: [], peers: [], copies: {} as never };
  });
  const problems = COLUMNS.map((cell) =>
    ROWS.map(() => [cellProblem(cell, 'fprop'), cellProblem(cell, 'wgrad'), cellProblem(cell, 'backward')]),
  );
  const table = { columns: COLUMNS, rows: ROWS, problems };
  const place = { device: device as Device, peers: [], db: 'none.db' };
  return timeTable(table, place, Number.POSITIVE_INFINITY, new Ui(captured(), { json: true }));
}

test('a table has the clocks of all its rounds, of a GPU whose driver tells', async () => {
  const speeds = [1740, 1720, 1710, 1730];
  const clocks = (): Clocks => {
    const smMHz = speeds.pop()!;
    return { smMHz, memoryMHz: 2619, temperature: 50, throttled: smMHz === 1720 ? ['power-cap'] : [] };
  };
  const table = await timed({ kind: 'cuda', clocks });
  expect(table.cells).toHaveLength(2);
  expect(table.clocks).toEqual({
    smMHz: { low: 1710, high: 1740 },
    memoryMHz: { low: 2619, high: 2619 },
    temperature: { low: 50, high: 50 },
    throttled: ['power-cap'],
  });
});

test('and none of one that does not tell, or of a processor', async () => {
  expect((await timed({ kind: 'cuda', clocks: () => undefined })).clocks).toBeUndefined();
  expect((await timed({ kind: 'cpu', threads: 1 })).clocks).toBeUndefined();
});
