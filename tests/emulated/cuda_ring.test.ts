import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Params } from '../../generator/families/family.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import type { Target } from '../../generator/target.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';
import { emulatedKernel } from '../support/emulated_kernel.js';
import { emulate } from '../support/emulation.js';
import { formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { notRefused } from '../support/not_refused.js';
import { difference, wholeNumbers } from '../support/numbers.js';

// Beside cuda_families.test.ts, whose schedules are those worth trying: any others that are legal.

const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };
const KERNELS = 8;

const anyRing = fc.record({
  rows: fc.integer({ min: 1, max: 6 }),
  width: fc.integer({ min: 1, max: 24 }),
  kernel: anyKernel,
  angles: fc.array(anyAngle, { minLength: 1, maxLength: 3 }),
  groupChannels: fc.constantFrom(16, 32),
  batch: fc.integer({ min: 1, max: 5 }),
  channels: fc.constantFrom(16, 32),
  tiles: fc.integer({ min: 1, max: 5 }),
  warps: fc.integer({ min: 1, max: 7 }),
  resident: fc.integer({ min: 1, max: 12 }),
  images: fc.integer({ min: 1, max: 4 }),
  bands: fc.integer({ min: 1, max: 5 }),
  depth: fc.integer({ min: 1, max: 3 }),
  lag: fc.integer({ min: 0, max: 3 }),
  run: fc.constantFrom(1, 1, 2, 3),
});

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem(spec), TARGET, 'cuda_ring', params));
}

/** Different ones, of one image a block and of more in turn. */
function anyKernels(): readonly Schedule[] {
  const found: Schedule[] = [];
  for (const one of fc.sample(anyRing, { seed: 5, numRuns: 400 * KERNELS })) {
    const { rows, width, kernel, angles, groupChannels, batch, ...params } = one;
    const height = rows * params.bands;
    const channels = angles.length * groupChannels;
    const made = schedule(
      problem({ height, width, kernel, angles, channels, batch }),
      TARGET,
      'cuda_ring',
      params,
    );
    if (params.images > 1 !== found.length % 4 > 0) continue;
    if (made.kind === 'schedule' && !found.some(({ name }) => name === made.name)) found.push(made);
    if (found.length === KERNELS) break;
  }
  return found;
}

/** Of each kernel that is not the formula, its name and where it differs. */
async function wrong(
  kernels: readonly Schedule[],
  lead: (kernel: Schedule) => number = () => 0,
): Promise<readonly unknown[]> {
  const runs = kernels.map((kernel, i) => ({
    kernel,
    problem: kernel.problem,
    operands: operands(kernel.problem, wholeNumbers, i % 2 === 0, i % 3 === 0),
    lead: lead(kernel),
  }));
  const outputs = await emulate(runs.map((run) => emulatedKernel(source(run.kernel), run)));
  return runs.flatMap(({ kernel, problem, operands }, i) => {
    const found = difference(outputs[i]!, formula(problem, operands));
    return found ? [[kernel.name, found]] : [];
  });
}

it('is the formula for any legal schedule', async () => {
  const kernels = anyKernels();
  expect(kernels).toHaveLength(KERNELS);
  expect(await wrong(kernels)).toEqual([]);
});

/** Few rows a band and many warps, images that a block's number does not divide, two groups of channels with one body. */
it('is the formula where warps meet bands that they do not read', async () => {
  const layer = { height: 12, width: 10, kernel: 3, angles: [0, 22.5, 180, 90], channels: 64, batch: 5 };
  const common = { channels: 16, tiles: 5, images: 4, bands: 6 };
  const kernels = [
    legal(layer, { ...common, resident: 7, warps: 4, depth: 1 }),
    legal(layer, { ...common, resident: 7, warps: 3, depth: 2 }),
  ];
  expect(await wrong(kernels)).toEqual([]);
});

/** Some of each direction's lines are inside with all that they read, and some are not. */
it('is the formula for every direction', async () => {
  const layer = { height: 28, width: 27, kernel: 15, angles: PAPER_ANGLES, channels: 128, batch: 3 };
  const kernels = [
    legal(layer, { channels: 16, tiles: 2, warps: 5, resident: 4, images: 2, bands: 7, depth: 1 }),
    legal(layer, { channels: 16, tiles: 3, warps: 5, resident: 3, images: 3, bands: 2, depth: 1 }),
  ];
  expect(await wrong(kernels)).toEqual([]);
});

it('is the formula where all lines are steep, in bands of columns', async () => {
  const layer = { height: 11, width: 12, kernel: 9, channels: 32, batch: 3 };
  const params = { channels: 16, tiles: 2, warps: 3, resident: 4, images: 2, bands: 6, depth: 1 };
  const kernels = [60, 90, 112.5].map((angle) => legal({ ...layer, angles: [angle] }, params));
  expect(await wrong(kernels)).toEqual([]);
});

/** More groups of images than have counters of their own, the last of fewer images. */
it('is the formula where blocks go in step', async () => {
  const layer = { height: 8, width: 8, kernel: 5, angles: [22.5], channels: 48, batch: 19 };
  const params = { channels: 16, tiles: 2, warps: 2, resident: 9, images: 2, bands: 4, depth: 1 };
  const kernels = [1, 2, 7].map((lag) => legal(layer, { ...params, lag }));
  expect(await wrong(kernels)).toEqual([]);
});

it('is the formula where tiles come in runs', async () => {
  const layer = { height: 12, width: 12, kernel: 7, channels: 32, batch: 5 };
  const params = { channels: 16, tiles: 4, resident: 3, images: 2, bands: 3, depth: 1 };
  const kernels = [
    ...[2, 4].map((run) => legal({ ...layer, angles: [22.5] }, { ...params, warps: 5, run })),
    legal({ ...layer, angles: [0, 67.5] }, { ...params, warps: 3, run: 2 }),
    legal({ ...layer, angles: [112.5] }, { ...params, warps: 3, run: 2, lag: 2 }),
  ];
  expect(await wrong(kernels)).toEqual([]);
});

it('reaches images behind more than 2^32 floats', async () => {
  const layer = { height: 32, width: 33, kernel: 3, angles: [0, 90], channels: 64, batch: 3 };
  const params = { channels: 32, tiles: 5, images: 2, bands: 4, depth: 1, resident: 1, warps: 27 };
  const far = ({ problem: { height, width, channels } }: Schedule) =>
    2 * Math.ceil(2 ** 31 / (height * width * channels));
  expect(await wrong([legal(layer, params)], far)).toEqual([]);
});
