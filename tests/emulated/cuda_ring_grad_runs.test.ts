import { expect, it } from 'vitest';
import type { Params } from '../../generator/families/family.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import type { Target } from '../../generator/target.js';
import { notRefused } from '../support/not_refused.js';
import { wrongGradients } from '../support/wrong_gradients.js';

// Tiles in runs, and codes of their own for those inside: cuda_ring_grad.test.ts has any others.

const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nhwc', ...spec }), TARGET, 'cuda_ring_grad', params));
}

const common = { channels: 16, images: 2, bands: 4, depth: 1, shared: 0, skip: 0, order: 0 };
const layer = { height: 16, width: 16, kernel: 7, channels: 32, batch: 3 };

it('is the formula where tiles come in runs, with x ahead and not', async () => {
  const wgrad = (angle: number, params: Params) =>
    legal({ op: 'wgrad', ...layer, angles: [angle] }, { ...common, resident: 8, tiles: 4, ...params });
  const kernels = [
    wgrad(157.5, { warps: 3, ahead: 0, producer: 0, run: 4 }),
    wgrad(45, { warps: 5, ahead: 1, producer: 1, run: 2, lag: 1 }),
    legal(
      { op: 'wgrad', ...layer, angles: [0, 45, 112.5, 90], channels: 64 },
      { ...common, resident: 8, tiles: 4, warps: 3, ahead: 0, producer: 1, run: 2 },
    ),
  ];
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('is the formula where tiles that are inside have code of their own', async () => {
  const kernels = [22.5, 45, 112.5].map((angle) =>
    legal(
      { op: 'backward', ...layer, angles: [angle] },
      { ...common, resident: 8, tiles: 4, warps: 5, ahead: 1, producer: 1, run: 2, inner: 1, lag: 1 },
    ),
  );
  expect(await wrongGradients(kernels)).toEqual([]);
});

/** Of several directions only shallow ones read zeros above and below. */
it('is the formula where tiles that stick out read zeros', async () => {
  const kernels = [
    ...[2, 3].map((inner) =>
      legal(
        { op: 'backward', ...layer, angles: [45] },
        { ...common, resident: 4, tiles: 4, warps: 4, ahead: 1, producer: 0, depth: 2, run: 2, inner },
      ),
    ),
    legal(
      { op: 'backward', ...layer, angles: [22.5, 112.5, 45], channels: 48 },
      { ...common, resident: 7, tiles: 4, warps: 3, ahead: 1, producer: 1, run: 1, inner: 2 },
    ),
  ];
  expect(await wrongGradients(kernels)).toEqual([]);
});
