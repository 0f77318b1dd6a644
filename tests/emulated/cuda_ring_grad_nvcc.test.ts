import { expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { describeCompiled, expectNoSpills } from '../support/no_spills.js';
import { notRefused } from '../support/not_refused.js';

/** Half of the paper's: each has a body of its own, and seconds count here. */
const HALF = [0, 22.5, 45, 67.5];
/** Those of them that load the most. */
const OBLIQUE = [22.5, 67.5];

const at56 = { channels: 16, tiles: 8, resident: 1, images: 16, bands: 4, depth: 1, skip: 0, shared: 0 };
const at28 = { channels: 32, tiles: 4, resident: 2, images: 4, bands: 4, depth: 1, skip: 0, shared: 0 };

/** Whole lines, or halves of them, whose weights are read line by line. */
const straight = { skip: 2, shared: 1 };

const inRuns = { ahead: 1, order: 0, producer: 1, lag: 1, run: 4 };

type Case = readonly [
  op: 'wgrad' | 'backward',
  size: number,
  angles: readonly number[],
  params: Schedule['params'],
  mostRegisters: number,
];

/** Layers of docs/gpu-backward.md with their schedules: those with the fewest registers to spare. */
const CASES: readonly Case[] = [
  ['backward', 56, HALF, { ...at56, warps: 15, ahead: 1, order: 1, producer: 1 }, 128],
  ['backward', 56, OBLIQUE, { ...at56, warps: 16, ahead: 1, order: 1, producer: 0 }, 128],
  ['backward', 56, OBLIQUE, { ...at56, tiles: 4, warps: 15, ahead: 1, order: 1, producer: 1 }, 128],
  [
    'backward',
    56,
    OBLIQUE,
    { ...at56, ...straight, tiles: 2, warps: 16, ahead: 0, order: 1, producer: 0 },
    128,
  ],
  ['wgrad', 56, HALF, { ...at56, warps: 27, ahead: 0, order: 1, producer: 1 }, 72],
  ['wgrad', 56, OBLIQUE, { ...at56, tiles: 4, warps: 23, ahead: 1, order: 1, producer: 1 }, 80],
  ['backward', 28, HALF, { ...at28, warps: 8, ahead: 1, order: 1, producer: 0 }, 128],
  ['backward', 28, HALF, { ...at28, ...straight, tiles: 1, warps: 8, ahead: 0, order: 1, producer: 0 }, 128],
  ['wgrad', 28, OBLIQUE, { ...at28, warps: 11, ahead: 1, order: 1, producer: 1 }, 80],
  ['backward', 56, [22.5], { ...at56, warps: 15, ahead: 1, order: 0, producer: 1, lag: 1 }, 128],
  // What is published: runs, and codes of their own beside zeros above and below.
  ['backward', 56, [22.5], { ...at56, ...inRuns, bands: 7, warps: 15, inner: 4 }, 128],
  ['backward', 56, [45], { ...at56, ...inRuns, bands: 7, warps: 19, inner: 3 }, 96],
  ['backward', 56, [0], { ...at56, ...inRuns, bands: 7, tiles: 4, warps: 11 }, 168],
  ['wgrad', 56, [135], { ...at56, ...inRuns, bands: 7, warps: 27 }, 72],
  // Bands of columns.
  ['wgrad', 56, [67.5], { ...at56, tiles: 4, warps: 27, ahead: 0, skip: 1, order: 0, producer: 1 }, 72],
];

function made([op, size, angles, params]: Case): Schedule {
  const layer = { op, height: size, width: size, kernel: 31, angles, channels: 512 };
  return notRefused(schedule(problem(layer), { kind: 'cuda', arch: 'sm_90' }, 'cuda_ring_grad', params));
}

describeCompiled(
  () => CASES.map((one) => ({ ...source(made(one)), archs: ['sm_90'] })),
  (reportsOf) => {
    it.each(CASES)('compiles the kernel of %s %i in %j with %j without spills or local memory', (...one) => {
      const [op, , , , most] = one;
      const reports = reportsOf(made(one).name);
      expectNoSpills(reports, op === 'wgrad' ? 2 : 3);
      expect(Math.max(...reports.map(({ registers }) => registers))).toBeLessThanOrEqual(most);
    });
  },
);
