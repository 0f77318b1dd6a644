import { it } from 'vitest';
import { type Op, PAPER_ANGLES, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { describeCompiled, expectNoSpills } from '../support/no_spills.js';
import { notRefused } from '../support/not_refused.js';

const region = { length: 7, rows: 14, columns: 14, images: 64, pieces: 33 };

/** Schedules that leave few registers to spare. */
const CASES: readonly (readonly [op: Op, params: Schedule['params'], archs: readonly string[]])[] = [
  ['dgrad', { ...region, warps: 28, producers: 4, apart: 1 }, ['sm_90', 'sm_100']],
  ['wgrad', { ...region, warps: 28, producers: 0, apart: 0, step: 1 }, ['sm_90']],
  ['backward', { ...region, warps: 24, producers: 0, apart: 1, grouped: 1, step: 2 }, ['sm_90']],
];

function made(op: Op, params: Schedule['params']): Schedule {
  const stem = { layout: 'nhwc', height: 224, width: 224, stride: 2, kernel: 31, channels: 64 } as const;
  const asked = problem({ op, ...stem, angles: PAPER_ANGLES });
  return notRefused(schedule(asked, { kind: 'cuda', arch: 'sm_90' }, 'cuda_region_grad', params));
}

describeCompiled(
  () => CASES.map(([op, params, archs]) => ({ ...source(made(op, params)), archs })),
  (reportsOf) => {
    it.each(CASES)('compiles %s by %o without spills or local memory', (op, params, archs) => {
      const reports = reportsOf(made(op, params).name);
      expectNoSpills(reports, (op === 'backward' ? 3 : 2) * archs.length);
    });
  },
);
