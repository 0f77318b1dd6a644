import { expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { describeCompiled, expectNoSpills } from '../support/no_spills.js';
import { notRefused } from '../support/not_refused.js';

/** Half of the paper's: each has a body of its own, and seconds count here. */
const HALF = [0, 22.5, 45, 67.5];

const common = { channels: 16, resident: 1, images: 16, bands: 7, depth: 1 };

type Case = readonly [angles: readonly number[], params: Schedule['params'], mostRegisters: number];

/** Those with the fewest registers to spare. */
const CASES: readonly Case[] = [
  [[22.5], { ...common, tiles: 4, warps: 31 }, 64],
  [[22.5], { ...common, tiles: 4, warps: 27, lag: 2 }, 72],
  [[67.5], { ...common, tiles: 4, warps: 27, lag: 2, run: 2 }, 72],
  [[67.5], { ...common, tiles: 2, warps: 23 }, 80],
  [HALF, { ...common, tiles: 2, warps: 23 }, 80],
  [HALF, { ...common, tiles: 4, warps: 31 }, 64],
];

function made([angles, params]: Case): Schedule {
  const layer = { height: 56, width: 56, kernel: 31, angles, channels: 512 };
  return notRefused(schedule(problem(layer), { kind: 'cuda', arch: 'sm_90' }, 'cuda_ring', params));
}

describeCompiled(
  () => CASES.map((one) => ({ ...source(made(one)), archs: ['sm_90'] })),
  (reportsOf) => {
    it.each(CASES)('compiles the kernel of angles %j with %j without spills or local memory', (...one) => {
      const [, , most] = one;
      const reports = reportsOf(made(one).name);
      expectNoSpills(reports, 2);
      expect(Math.max(...reports.map(({ registers }) => registers))).toBeLessThanOrEqual(most);
    });
  },
);
