import { expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { describeCompiled, expectNoSpills } from '../support/no_spills.js';
import { notRefused } from '../support/not_refused.js';

type Case = readonly [
  op: 'wgrad' | 'backward',
  size: number,
  angle: number,
  params: Schedule['params'],
  mostRegisters: number,
];

/** Those with the fewest registers to spare. */
const CASES: readonly Case[] = [
  ['backward', 56, 0, { tiles: 4, warps: 15, images: 8, lag: 1 }, 128],
  ['backward', 56, 90, { tiles: 2, warps: 11, images: 8, lag: 0 }, 168],
  ['wgrad', 56, 90, { tiles: 2, warps: 15, images: 8, lag: 1 }, 128],
  ['wgrad', 28, 0, { tiles: 2, warps: 23, images: 8, lag: 1 }, 80],
];

function made([op, size, angle, params]: Case): Schedule {
  const layer = { op, height: size, width: size, kernel: 31, angles: [angle], channels: 512 };
  return notRefused(schedule(problem(layer), { kind: 'cuda', arch: 'sm_90' }, 'cuda_line_grad', params));
}

describeCompiled(
  () => CASES.map((one) => ({ ...source(made(one)), archs: ['sm_90'] })),
  (reportsOf) => {
    it.each(CASES)(
      'compiles the kernel of %s %i at %d degrees with %j without spills or local memory',
      (...one) => {
        const [op, , , , most] = one;
        const reports = reportsOf(made(one).name);
        expectNoSpills(reports, op === 'wgrad' ? 2 : 3);
        expect(Math.max(...reports.map(({ registers }) => registers))).toBeLessThanOrEqual(most);
      },
    );
  },
);
