import { beforeAll, describe, expect, it } from 'vitest';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { emulatedKernel } from '../support/emulated_kernel.js';
import { emulateEach, type Outcome } from '../support/emulation.js';
import { formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { notRefused } from '../support/not_refused.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { ptxas } from '../support/ptxas.js';

const TARGET = { kind: 'cuda', arch: 'sm_90' } as const;

interface Case {
  readonly layer: ProblemSpec;
  /** Channels, tiles, places, warps, resident. */
  readonly params: readonly [number, number, number, number, number];
  /** Images before the batch that are left out. */
  readonly lead?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'tiles that share their code, for every direction': {
    layer: { height: 12, width: 12, kernel: 15, angles: PAPER_ANGLES, channels: 128, batch: 2 },
    params: [16, 4, 0, 3, 9],
  },
  'places that have code of their own': {
    layer: { height: 12, width: 12, kernel: 15, angles: [22.5, 112.5], channels: 32, batch: 2 },
    params: [16, 3, 1, 3, 9],
  },
  'one tile a line, in slabs of 32 channels': {
    layer: { height: 7, width: 7, kernel: 31, angles: [0, 67.5, 90, 135], channels: 128, batch: 2 },
    params: [32, 1, 0, 2, 9],
  },
  'planes that are no squares, with lines that tiles do not fill': {
    layer: { height: 11, width: 18, kernel: 9, angles: [45, 67.5, 157.5], channels: 96, batch: 2 },
    params: [32, 4, 0, 4, 6],
  },
  'the same with places': {
    layer: { height: 18, width: 11, kernel: 9, angles: [45, 67.5, 157.5], channels: 48, batch: 2 },
    params: [16, 4, 1, 4, 9],
  },
  'lines that are shorter than their tiles are many': {
    layer: { height: 2, width: 13, kernel: 7, angles: [0, 90], channels: 32, batch: 1 },
    params: [16, 4, 1, 1, 9],
  },
  'teams of three warps with 8 lines of 12 channels, for every direction': {
    layer: { height: 20, width: 19, kernel: 15, angles: PAPER_ANGLES, channels: 96, batch: 1 },
    params: [12, 4, 0, 6, 7],
  },
  'such teams with places': {
    layer: { height: 11, width: 18, kernel: 9, angles: [22.5, 45, 157.5], channels: 36, batch: 2 },
    params: [12, 4, 1, 3, 9],
  },
  'teams with 4 lines of 24 channels': {
    layer: { height: 19, width: 17, kernel: 9, angles: [0, 22.5, 45, 112.5], channels: 96, batch: 1 },
    params: [24, 2, 0, 6, 4],
  },
  'two slabs of 12 of a direction with 24 channels': {
    layer: { height: 7, width: 9, kernel: 31, angles: [45, 67.5], channels: 48, batch: 2 },
    params: [12, 3, 1, 3, 9],
  },
  'teams with 2 lines of 48 channels': {
    layer: { height: 5, width: 14, kernel: 31, angles: [135, 157.5], channels: 96, batch: 2 },
    params: [48, 2, 0, 3, 7],
  },
  'slabs of 8 channels, of which a warp has 4 lines': {
    layer: { height: 10, width: 9, kernel: 7, angles: [22.5, 90, 135], channels: 24, batch: 2 },
    params: [8, 2, 0, 4, 16],
  },
  'a square filter in slabs of 24 channels': {
    layer: { height: 8, width: 7, kernel: 3, filter: 'square', channels: 48, batch: 2 },
    params: [24, 1, 0, 3, 9],
  },
  'images beyond offsets of 32 bits': {
    layer: { height: 8, width: 8, kernel: 5, angles: [30], channels: 32, batch: 2 },
    params: [32, 2, 0, 2, 9],
    lead: 2 ** 22,
  },
};

function legal(layer: ProblemSpec, params: Case['params']): Schedule {
  const [channels, tiles, places, warps, resident] = params;
  return notRefused(
    schedule(problem(layer), TARGET, 'cuda_staged', { channels, tiles, places, warps, resident }),
  );
}

let outcomes: readonly Outcome[];
const runs = Object.values(CASES).map(({ layer, params, lead = 0 }, i) => {
  const kernel = legal(layer, params);
  const given = operands(kernel.problem, wholeNumbers, i % 2 === 0, i % 3 === 0);
  return { kernel, problem: kernel.problem, operands: given, lead };
});
beforeAll(async () => {
  outcomes = await emulateEach(runs.map((run) => emulatedKernel(source(run.kernel), run)));
});

it.each(Object.keys(CASES).map((name, i) => [name, i] as const))('cuda_staged computes %s', (_, i) => {
  const outcome = outcomes[i]!;
  if (outcome.status === 'rejected') throw outcome.reason;
  const { problem, operands } = runs[i]!;
  expect(difference(outcome.value, formula(problem, operands))).toBeUndefined();
});

const nvcc = await findNvcc();

describe.skipIf(!nvcc)('nvcc', () => {
  it.each([
    ['12 channels at 56x56', { height: 56, width: 56, channels: 96 }, [12, 4, 0, 24, 1]],
    ['24 channels at 28x28', { height: 28, width: 28, channels: 192 }, [24, 2, 0, 12, 2]],
  ] as const)('spills nothing where teams have %s', async (_, size, params) => {
    const kernel = legal({ ...size, kernel: 31, angles: PAPER_ANGLES }, params);
    const reports = await ptxas(nvcc!, source(kernel).text, ['sm_90']);
    const report = reports.find((one) => one.kernel === kernel.name)!;
    expect(report).toMatchObject({ stackBytes: 0, spillBytes: 0 });
    // As many as let 24 warps in.
    expect(report.registers).toBeLessThanOrEqual(80);
  });

  it('spills nothing of what was measured to be best at 28x28', async () => {
    const layer = { height: 28, width: 28, kernel: 31, angles: PAPER_ANGLES, channels: 512 };
    const kernel = legal(layer, [16, 4, 0, 7, 4]);
    const reports = await ptxas(nvcc!, source(kernel).text, ['sm_90']);
    const report = reports.find((one) => one.kernel === kernel.name)!;
    expect(report).toMatchObject({ stackBytes: 0, spillBytes: 0 });
    // As many as let four blocks of 224 threads in.
    expect(report.registers).toBeLessThanOrEqual(72);
  });
});
