import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gradSize } from '../../generator/gradient.js';
import { problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import type { Target } from '../../generator/target.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';
import { notRefused } from '../support/not_refused.js';
import { wrongGradients } from '../support/wrong_gradients.js';

// Beside cuda_gradient_families.test.ts, whose schedules are those worth trying: bands that small planes are never cut into.

const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };
const BANDED = 9;

const anyBanded = fc.record({
  op: fc.constantFrom('wgrad' as const, 'backward' as const, 'dgrad' as const),
  width: fc.constantFrom(4, 8, 12, 20, 28),
  stride: fc.integer({ min: 1, max: 3 }),
  kernel: anyKernel,
  angles: fc.array(anyAngle, { minLength: 1, maxLength: 4 }),
  channels: fc.integer({ min: 1, max: 9 }),
  batch: fc.integer({ min: 1, max: 3 }),
  shallow: fc.constantFrom(1, 3, 4, 7),
  steep: fc.constantFrom(1, 2, 4, 7),
  tiles: fc.integer({ min: 1, max: 4 }),
  bands: fc.integer({ min: 2, max: 4 }),
  images: fc.integer({ min: 1, max: 3 }),
  threads: fc.constantFrom(32, 96),
  order: fc.integer({ min: 0, max: 1 }),
  depth: fc.integer({ min: 1, max: 3 }),
});

/** Different ones, with strides and operations in turn. */
function bandedKernels(): readonly Schedule[] {
  const found: Schedule[] = [];
  for (const one of fc.sample(anyBanded, { seed: 5, numRuns: 300 * BANDED })) {
    const { shallow, steep, tiles, bands, images, threads, order, depth, ...layer } = one;
    const band = tiles * steep;
    const height = band * bands * layer.stride;
    const params = { shallow, steep, threads, planes: 1, images, band, order, depth, resident: 8 };
    const made = schedule(problem({ layout: 'nchw', ...layer, height }), TARGET, 'cuda_packed_grad', params);
    const next = ['wgrad', 'backward', 'dgrad'][found.length % 3];
    if (made.kind !== 'schedule' || layer.op !== next || found.some(({ name }) => name === made.name))
      continue;
    if (next !== 'dgrad' && layer.stride !== 1 + (Math.floor(found.length / 3) % 3)) continue;
    found.push(made);
    if (found.length === BANDED) break;
  }
  return found;
}

/** Groups of several channels, two of which share a body, and images that neither a step nor a block divides. */
function uneven(
  op: 'wgrad' | 'backward' | 'dgrad',
  stride: number,
  order: number,
  depth: number,
  batch = 5,
): Schedule {
  const angles = [22.5, 67.5, 202.5];
  const layer = { op, height: 24, width: 20, stride, kernel: 7, angles, channels: 7, batch };
  const params = {
    shallow: 7,
    steep: 4,
    threads: 64,
    planes: 2,
    images: 6,
    band: 0,
    order,
    depth,
    resident: 8,
  };
  return legal(layer, params);
}

/** Planes of one tile a line, or of several; many lines and whole tiles of them are outside. */
function small(op: 'wgrad' | 'backward', shallow: number, steep: number): Schedule {
  const layer = { op, height: 6, width: 8, kernel: 31, angles: [22.5, 45, 67.5, 90], channels: 5, batch: 7 };
  return legal(layer, {
    shallow,
    steep,
    threads: 64,
    planes: 4,
    images: 8,
    band: 0,
    order: 0,
    depth: 1,
    resident: 8,
  });
}

function legal(layer: Parameters<typeof problem>[0], params: Schedule['params']): Schedule {
  return notRefused(schedule(problem({ layout: 'nchw', ...layer }), TARGET, 'cuda_packed_grad', params));
}

/** Images that hold more than 2^32 floats of dy, and that every block takes a whole number of. */
function far({ problem: p, params }: Schedule): number {
  const { height, width } = gradSize(p);
  return Math.ceil(2 ** 32 / (height * width * p.channels) / params.images!) * params.images!;
}

/** Planes so large that few images are far. */
function large(op: 'wgrad' | 'backward' | 'dgrad', stride: number): Schedule {
  const layer = { op, height: 64, width: 64, stride, kernel: 3, angles: [30, 120], channels: 33 };
  const params = {
    shallow: 7,
    steep: 8,
    threads: 64,
    planes: 1,
    images: 2,
    band: 16,
    order: 0,
    depth: 1,
    resident: 8,
  };
  return legal(layer, params);
}

it('is the formula in bands', async () => {
  const kernels = bandedKernels();
  expect(kernels).toHaveLength(BANDED);
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('is the formula for batches that a step does not divide, whatever varies slowest over blocks', async () => {
  const kernels = [
    uneven('wgrad', 1, 1, 2),
    uneven('backward', 1, 0, 2),
    uneven('backward', 2, 1, 3),
    uneven('dgrad', 2, 0, 2),
    uneven('wgrad', 2, 0, 1),
    uneven('backward', 1, 1, 1),
    // Fewer steps than a block has buffers for.
    uneven('wgrad', 1, 0, 3, 1),
    uneven('backward', 1, 0, 3, 3),
    uneven('dgrad', 2, 1, 3, 1),
    small('backward', 8, 6),
    small('wgrad', 2, 2),
  ];
  expect(await wrongGradients(kernels)).toEqual([]);
});

/** Tiles that are whole rows, of planes and of bands, in layers that have steep lines beside them. */
function wholeRows(op: 'wgrad' | 'backward', width: number, kernel: number, band: number): Schedule {
  const layer = { op, height: 6, width, kernel, angles: [0, 22.5, 60, 157.5], channels: 5, batch: 5 };
  const planes = band === 0 ? 2 : 1;
  const sizes = { shallow: width, steep: 3, threads: 32, planes, images: 4, band };
  return legal(layer, { ...sizes, order: 0, depth: 2, resident: 8 });
}

it('is the formula where a tile is a whole row', async () => {
  const kernels = [
    wholeRows('backward', 4, 3, 0),
    wholeRows('backward', 12, 31, 3),
    wholeRows('wgrad', 20, 9, 0),
    wholeRows('wgrad', 8, 31, 3),
  ];
  expect(await wrongGradients(kernels)).toEqual([]);
});

/** Threads that keep a line of their own, and some that have none; batches that a step does not divide. */
function seats(op: 'wgrad' | 'backward' | 'dgrad', stride: number, steep: number): Schedule {
  const layer = {
    op,
    height: 8 * stride,
    width: 8,
    stride,
    kernel: 9,
    angles: [45, 67.5, 90],
    channels: 5,
    batch: 5,
  };
  const sizes = { shallow: 3, steep, threads: 32, planes: 2, images: 4, band: 0 };
  return legal(layer, { ...sizes, order: 0, depth: 2, resident: 8 });
}

it('is the formula where threads keep a line', async () => {
  const kernels = [
    seats('backward', 1, 4),
    seats('wgrad', 1, 8),
    seats('backward', 2, 8),
    seats('dgrad', 2, 8),
  ];
  for (const kernel of kernels)
    expect(source(kernel).text).toContain('const int plane = threadIdx.x / TILES_ACROSS');
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('reaches images behind more than 2^32 floats', async () => {
  expect(await wrongGradients([large('wgrad', 1), large('backward', 2), large('dgrad', 2)], far)).toEqual([]);
});
