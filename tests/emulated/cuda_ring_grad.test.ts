import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Params } from '../../generator/families/family.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import type { Target } from '../../generator/target.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';
import { notRefused } from '../support/not_refused.js';
import { wrongGradients } from '../support/wrong_gradients.js';

// Beside cuda_gradient_families.test.ts, whose schedules are those worth trying: any others that are legal.

const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };
const KERNELS = 8;

const anyRing = fc.record({
  op: fc.constantFrom('wgrad' as const, 'backward' as const),
  rows: fc.integer({ min: 1, max: 6 }),
  width: fc.integer({ min: 1, max: 24 }),
  kernel: anyKernel,
  angles: fc.array(anyAngle, { minLength: 1, maxLength: 3 }),
  groupChannels: fc.constantFrom(16, 32),
  batch: fc.integer({ min: 1, max: 5 }),
  channels: fc.constantFrom(16, 32),
  tiles: fc.integer({ min: 1, max: 5 }),
  warps: fc.integer({ min: 1, max: 7 }),
  resident: fc.constantFrom(1, 4),
  images: fc.integer({ min: 1, max: 4 }),
  bands: fc.integer({ min: 1, max: 5 }),
  depth: fc.integer({ min: 1, max: 3 }),
  shared: fc.integer({ min: 0, max: 1 }),
  ahead: fc.integer({ min: 0, max: 1 }),
  skip: fc.integer({ min: 0, max: 2 }),
  order: fc.integer({ min: 0, max: 1 }),
  producer: fc.integer({ min: 0, max: 1 }),
  lag: fc.constantFrom(0, 0, 1, 3),
  run: fc.constantFrom(1, 1, 2, 3),
  inner: fc.constantFrom(0, 1, 2, 3),
});

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nhwc', ...spec }), TARGET, 'cuda_ring_grad', params));
}

/** What is to be among the kernels, in turn. */
const WANTED: readonly ((op: string, params: Params) => boolean)[] = [
  (op, { producer }) => op === 'wgrad' && producer === 0,
  (op, { producer, run }) => op === 'backward' && producer === 0 && run! > 1,
  (op, { producer, run }) => op === 'wgrad' && producer === 1 && run! > 1,
  (op, { producer, inner }) => op === 'backward' && producer === 1 && inner! > 0,
];

function anyKernels(): readonly Schedule[] {
  const found: Schedule[] = [];
  for (const one of fc.sample(anyRing, { seed: 11, numRuns: 4000 * KERNELS })) {
    const { op, rows, width, kernel, angles, groupChannels, batch, ...drawn } = one;
    // Few are legal with code of their own, else.
    const params = { ...drawn, ...(drawn.inner > 0 && { skip: 0, ahead: 1 }) };
    if (!WANTED[found.length % WANTED.length]!(op, params)) continue;
    const height = rows * params.bands;
    const channels = angles.length * groupChannels;
    const layer = problem({ op, layout: 'nhwc', height, width, kernel, angles, channels, batch });
    const made = schedule(layer, TARGET, 'cuda_ring_grad', params);
    if (made.kind === 'schedule' && !found.some(({ name }) => name === made.name)) found.push(made);
    if (found.length === KERNELS) break;
  }
  return found;
}

it('is the formula for any legal schedule', async () => {
  const kernels = anyKernels();
  expect(kernels).toHaveLength(KERNELS);
  expect(await wrongGradients(kernels)).toEqual([]);
});

/** Few rows a band and many warps, images that a block's number does not divide, two groups of channels with one body. */
it('is the formula where warps meet bands that they do not read', async () => {
  const angles = [0, 22.5, 180, 90];
  const layer = { height: 12, width: 10, kernel: 3, angles, channels: 64, batch: 5 };
  const common = { channels: 16, tiles: 5, images: 4, bands: 6, depth: 1, ahead: 1, skip: 1, shared: 0 };
  const kernels = ([0, 1] as const).flatMap((producer) => [
    legal({ op: 'wgrad', ...layer }, { ...common, resident: 1, warps: 20 - producer, order: 1, producer }),
    legal(
      { op: 'backward', ...layer },
      { ...common, resident: 4, warps: 3 - producer, depth: 3, order: 0, producer },
    ),
  ]);
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('is the formula where all lines are steep, in bands of columns', async () => {
  const common = { channels: 16, tiles: 2, images: 2, resident: 4, shared: 0, ahead: 1, order: 0 };
  const layer = { height: 7, width: 12, kernel: 7, channels: 16, batch: 3 };
  const kernels = ([67.5, 90, 112.5] as const).flatMap((angle, i) => [
    legal(
      { op: 'wgrad', ...layer, angles: [angle] },
      { ...common, bands: 6, depth: 1, warps: 3, skip: i, tiles: i === 2 ? 1 : 2, producer: 1 },
    ),
    legal(
      { op: 'backward', ...layer, angles: [angle] },
      { ...common, bands: 3, depth: 2, resident: 8, warps: 3, skip: i, tiles: i === 2 ? 1 : 2, producer: 0 },
    ),
  ]);
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('is the formula for batches of fewer images than a block has planes for', async () => {
  const layer = { height: 6, width: 7, kernel: 5, angles: [45, 90], channels: 32, batch: 2 };
  const common = { channels: 16, tiles: 2, images: 3, depth: 3, ahead: 1, skip: 1, shared: 0, order: 0 };
  const kernels = ([0, 1] as const).flatMap((producer) => [
    legal({ op: 'wgrad', ...layer }, { ...common, bands: 3, resident: 4, warps: 3 - producer, producer }),
    legal({ op: 'backward', ...layer }, { ...common, bands: 1, resident: 4, warps: 3 - producer, producer }),
  ]);
  expect(await wrongGradients(kernels)).toEqual([]);
});

/** Whole lines and pieces of them, weights in registers and in shared memory, planes of odd sides and lines beside the last. */
it('is the formula where tiles are straight', async () => {
  const angles = [0, 22.5, 45, 112.5];
  const common = { images: 2, resident: 1, depth: 1, skip: 2, order: 0, producer: 0 };
  const layer = { height: 6, width: 9, kernel: 11, angles, channels: 64, batch: 3 };
  const long = { height: 30, width: 29, kernel: 7, angles: [157.5, 90], channels: 64, batch: 2 };
  const kernels = [
    legal(
      { op: 'backward', ...layer },
      { ...common, channels: 16, tiles: 1, warps: 5, bands: 3, shared: 1, ahead: 0 },
    ),
    legal(
      { op: 'wgrad', ...layer },
      { ...common, channels: 16, tiles: 1, warps: 5, bands: 1, shared: 0, ahead: 1 },
    ),
    legal(
      { op: 'backward', ...long },
      { ...common, channels: 32, tiles: 2, warps: 8, bands: 3, shared: 0, ahead: 1 },
    ),
    legal(
      { op: 'backward', ...long },
      { ...common, channels: 32, tiles: 2, warps: 8, bands: 5, shared: 1, ahead: 0 },
    ),
  ];
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('reaches images behind more than 2^32 floats', async () => {
  const layer = { height: 32, width: 33, kernel: 3, angles: [30, 120], channels: 64, batch: 3 };
  const params = {
    channels: 32,
    tiles: 5,
    images: 2,
    bands: 4,
    depth: 1,
    shared: 0,
    ahead: 1,
    skip: 0,
    order: 0,
  };
  const kernels = (['wgrad', 'backward'] as const).map((op, producer) =>
    legal({ op, ...layer }, { ...params, resident: 1, warps: 16 - producer, producer }),
  );
  const far = ({ problem: { height, width, channels } }: Schedule) =>
    2 * Math.ceil(2 ** 31 / (height * width * channels));
  expect(await wrongGradients(kernels, far)).toEqual([]);
});
