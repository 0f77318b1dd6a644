import { describe, expect, it } from 'vitest';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';

const nvcc = await findNvcc();

const wide = { vector: 2, lanes: 32, along: 2, across: 4, steps: 4, images: 1, shared: 0, order: 0 };
const long = { vector: 1, lanes: 32, along: 1, across: 4, steps: 8, images: 2, shared: 0, order: 1 };
const stem = { vector: 1, lanes: 8, along: 4, across: 2, steps: 1, images: 1, shared: 0, order: 0 };
const few = { channels: 64, stride: 2 };

/** Layers with schedules that leave few registers to spare, and one of each generation. */
const CASES = [
  [{ op: 'wgrad', height: 56, width: 56, kernel: 7 }, { ...wide, length: 7, resident: 4 }, ['sm_90']],
  [
    { op: 'backward', height: 28, width: 28, kernel: 7 },
    { ...wide, length: 7, resident: 2 },
    ['sm_75', 'sm_90', 'sm_100'],
  ],
  [{ op: 'wgrad', height: 14, width: 14, kernel: 31 }, { ...long, length: 14, resident: 6 }, ['sm_90']],
  [
    { op: 'backward', height: 14, width: 14, kernel: 31 },
    { ...long, length: 14, shared: 1, resident: 4 },
    ['sm_90'],
  ],
  [
    { op: 'wgrad', height: 112, width: 112, kernel: 15, ...few },
    { ...stem, length: 14, resident: 3 },
    ['sm_90'],
  ],
  [
    { op: 'dgrad', height: 112, width: 112, kernel: 15, ...few },
    { ...stem, length: 14, resident: 3 },
    ['sm_90'],
  ],
] as const satisfies readonly (readonly [
  Omit<ProblemSpec, 'angles'>,
  Readonly<Record<string, number>>,
  readonly string[],
])[];

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)('compiles %o by %o without spills or local memory', async (layer, params, archs) => {
    const asked = problem({ layout: 'nhwc', angles: PAPER_ANGLES, channels: 512, ...layer });
    const made = schedule(asked, { kind: 'cuda', arch: 'sm_90' }, 'cuda_direct_grad', params);
    if (made.kind === 'refusal') throw new Error(made.reason);
    const reports = await ptxas(nvcc!, source(made).text, archs);
    expect(reports).toHaveLength((layer.op === 'backward' ? 3 : 2) * archs.length);
    expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
  });
});
