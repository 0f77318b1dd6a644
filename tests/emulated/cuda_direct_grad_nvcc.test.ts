import { it } from 'vitest';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { describeCompiled, expectNoSpills } from '../support/no_spills.js';
import { notRefused } from '../support/not_refused.js';

const wide = { vector: 2, lanes: 32, along: 2, across: 4, steps: 4, images: 1, shared: 0, order: 0 };
const long = { vector: 1, lanes: 32, along: 1, across: 4, steps: 8, images: 2, shared: 0, order: 1 };
const stem = { vector: 1, lanes: 8, along: 4, across: 2, steps: 1, images: 1, shared: 0, order: 0 };
const few = { channels: 32, stride: 2 };
/** Half of the paper's: each has a body of its own, and seconds count here. */
const half = { angles: [0, 22.5, 45, 67.5] };

type Case = readonly [
  layer: Omit<ProblemSpec, 'angles'> & Partial<Pick<ProblemSpec, 'angles'>>,
  params: Schedule['params'],
  archs: readonly string[],
];

/** Layers with schedules that leave few registers to spare, and one of each generation. */
const CASES: readonly Case[] = [
  [
    { op: 'wgrad', height: 56, width: 56, kernel: 7, ...half },
    { ...wide, length: 7, resident: 4 },
    ['sm_90'],
  ],
  [
    { op: 'backward', height: 28, width: 28, kernel: 7, ...half },
    { ...wide, length: 7, resident: 2 },
    ['sm_75', 'sm_90', 'sm_100'],
  ],
  [
    { op: 'wgrad', height: 14, width: 14, kernel: 31, ...half },
    { ...long, length: 14, order: 0, resident: 6 },
    ['sm_90'],
  ],
  [
    { op: 'backward', height: 14, width: 14, kernel: 31 },
    { ...long, length: 14, shared: 1, resident: 4 },
    ['sm_90'],
  ],
  [
    { op: 'wgrad', height: 112, width: 112, kernel: 15, ...few, ...half },
    { ...stem, length: 14, resident: 3 },
    ['sm_90'],
  ],
  [
    { op: 'dgrad', height: 112, width: 112, kernel: 15, ...few, ...half },
    { ...stem, length: 14, resident: 3 },
    ['sm_90'],
  ],
];

function made([layer, params]: Case): Schedule {
  const asked = problem({ layout: 'nhwc', angles: PAPER_ANGLES, channels: 512, ...layer });
  return notRefused(schedule(asked, { kind: 'cuda', arch: 'sm_90' }, 'cuda_direct_grad', params));
}

describeCompiled(
  () => CASES.map((one) => ({ ...source(made(one)), archs: one[2] })),
  (reportsOf) => {
    it.each(CASES)('compiles %o by %o without spills or local memory', (...one) => {
      const [layer, , archs] = one;
      const reports = reportsOf(made(one).name);
      expectNoSpills(reports, (layer.op === 'backward' ? 3 : 2) * archs.length);
    });
  },
);
