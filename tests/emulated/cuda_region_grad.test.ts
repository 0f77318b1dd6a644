import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Op, PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';
import { notRefused } from '../support/not_refused.js';
import { wrongGradients } from '../support/wrong_gradients.js';

const KERNELS = 4;
const TARGET = { kind: 'cuda', arch: 'sm_90' } as const;

/** Two directions a block, one that a block has twice, and several kinds of blocks. */
const CHANNELS: readonly Partial<ProblemSpec>[] = [
  { channels: 16, angles: [0, 67.5] },
  { channels: 32, angles: [22.5, 45, 90, 135] },
  { channels: 64, angles: PAPER_ANGLES },
];

const SCHEDULE = fc.record({
  length: fc.constantFrom(1, 2, 3, 5),
  rows: fc.integer({ min: 1, max: 3 }),
  columns: fc.integer({ min: 1, max: 3 }),
  warps: fc.constantFrom(8, 12, 16),
  producers: fc.constantFrom(0, 4),
  apart: fc.constantFrom(0, 1),
  grouped: fc.constantFrom(0, 1),
  step: fc.constantFrom(0, 1, 2),
  images: fc.integer({ min: 1, max: 3 }),
  pieces: fc.integer({ min: 1, max: 7 }),
});

/** Different legal kernels of random layers, the same for the same seed: regions, tiles and planes that fit into one another or do not. */
function someKernels(op: Op, stride: number, seed: number): readonly Schedule[] {
  const layer = fc.record({
    height: fc.integer({ min: 1, max: 19 }),
    width: fc.integer({ min: 1, max: 19 }),
    kernel: anyKernel,
    angles: fc.tuple(anyAngle, anyAngle),
    batch: fc.integer({ min: 1, max: 4 }),
  });
  const anyCase = fc.tuple(layer, fc.constantFrom(...CHANNELS, { channels: 16 }), SCHEDULE);
  const found: Schedule[] = [];
  for (const [spec, change, params] of fc.sample(anyCase, { seed, numRuns: 1000 })) {
    const p = problem({ ...spec, ...change, layout: 'nhwc', op, stride });
    const { length } = params;
    const whole = { ...params, rows: params.rows * length, columns: params.columns * length };
    const made = schedule(p, TARGET, 'cuda_region_grad', whole);
    if (made.kind === 'schedule') found.push(made);
    if (found.length === KERNELS) break;
  }
  return found;
}

const CASES = [
  ['wgrad', 1],
  ['wgrad', 2],
  ['backward', 1],
  ['backward', 2],
  ['dgrad', 2],
] as const;

/** More sums than two regions are floats, by warps that have none to add. */
const MANY_SUMS = schedule(
  problem({ op: 'wgrad', layout: 'nhwc', height: 1, width: 1, kernel: 3, angles: [0, 90], channels: 16 }),
  TARGET,
  'cuda_region_grad',
  { length: 1, rows: 1, columns: 1, warps: 8, producers: 4, apart: 0, images: 1, pieces: 1 },
);

/** Planes that regions fill, where copies have no tests, by blocks in step whose last one has fewer images. */
const WHOLE = (['wgrad', 'backward', 'dgrad'] as const).map((op) =>
  schedule(
    problem({
      op,
      layout: 'nhwc',
      height: 12,
      width: 20,
      stride: 2,
      kernel: 5,
      angles: PAPER_ANGLES,
      channels: 64,
      batch: 3,
    }),
    TARGET,
    'cuda_region_grad',
    {
      length: 1,
      rows: 3,
      columns: 5,
      warps: 16,
      producers: 0,
      apart: 1,
      grouped: 1,
      step: op === 'dgrad' ? 1 : 2,
      images: 2,
      pieces: 3,
    },
  ),
);

it('cuda_region_grad is the formula for random layers and schedules, under the sanitizers', async () => {
  const kernels = CASES.flatMap(([op, stride], i) => someKernels(op, stride, 20231002 + i));
  expect(kernels).toHaveLength(CASES.length * KERNELS);
  const fixed = [...WHOLE, MANY_SUMS].map(notRefused);
  expect(await wrongGradients([...kernels, ...fixed])).toEqual([]);
}, 300_000);
