import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Params } from '../../generator/families/family.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import type { Target } from '../../generator/target.js';
import { anyKernel } from '../support/arbitrary.js';
import { notRefused } from '../support/not_refused.js';
import { wrongGradients } from '../support/wrong_gradients.js';

// Beside cuda_gradient_families.test.ts, whose schedules are those worth trying: any others that are legal.

const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };
const KERNELS = 8;

const anyLine = fc.record({
  op: fc.constantFrom('wgrad' as const, 'backward' as const),
  across: fc.integer({ min: 1, max: 14 }),
  along: fc.integer({ min: 1, max: 24 }),
  steep: fc.boolean(),
  mirrored: fc.boolean(),
  kernel: anyKernel,
  channels: fc.constantFrom(32, 64),
  batch: fc.integer({ min: 1, max: 5 }),
  tiles: fc.integer({ min: 1, max: 5 }),
  warps: fc.integer({ min: 1, max: 11 }),
  images: fc.integer({ min: 1, max: 4 }),
  lag: fc.constantFrom(0, 1, 3),
});

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nhwc', ...spec }), TARGET, 'cuda_line_grad', params));
}

function anyKernels(): readonly Schedule[] {
  const found: Schedule[] = [];
  for (const one of fc.sample(anyLine, { seed: 5, numRuns: 2000 * KERNELS })) {
    const { op, across, along, steep, mirrored, kernel, channels, batch, ...params } = one;
    // Each in turn, rows and columns of both.
    const wanted = { op: found.length % 2 === 0 ? 'wgrad' : 'backward', steep: found.length % 4 > 1 };
    if (op !== wanted.op || steep !== wanted.steep) continue;
    const angles = [(steep ? 90 : 0) + (mirrored ? 180 : 0)];
    const size = steep ? { height: along, width: across } : { height: across, width: along };
    const layer = problem({ op, layout: 'nhwc', ...size, kernel, angles, channels, batch });
    const made = schedule(layer, TARGET, 'cuda_line_grad', params);
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

/** Lines so long that shared memory has few of them: a warp's next line is not yet on its way while it computes one. */
it('is the formula where stages are fewer than two a warp', async () => {
  const layer = { height: 15, width: 70, kernel: 9, angles: [0], channels: 32, batch: 3 };
  const kernels = [
    legal({ op: 'wgrad', ...layer }, { tiles: 5, warps: 11, images: 2, lag: 0 }),
    legal({ op: 'backward', ...layer }, { tiles: 6, warps: 11, images: 2, lag: 1 }),
  ];
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('is the formula for two directions, whose bodies differ', async () => {
  const layer = { height: 9, width: 7, kernel: 9, angles: [90, 270], channels: 64, batch: 3 };
  const kernels = (['wgrad', 'backward'] as const).map((op) =>
    legal({ op, ...layer }, { tiles: 2, warps: 7, images: 2, lag: 0 }),
  );
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('reaches images behind more than 2^32 floats', async () => {
  const layer = { height: 32, width: 33, kernel: 3, angles: [0], channels: 64, batch: 3 };
  const kernels = (['wgrad', 'backward'] as const).map((op) =>
    legal({ op, ...layer }, { tiles: 5, warps: 15, images: 2, lag: 0 }),
  );
  const far = ({ problem: { height, width, channels } }: Schedule) =>
    2 * Math.ceil(2 ** 31 / (height * width * channels));
  expect(await wrongGradients(kernels, far)).toEqual([]);
});
