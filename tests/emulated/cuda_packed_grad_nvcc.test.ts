import { describe, expect, it } from 'vitest';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { space } from '../../generator/space.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { notRefused } from '../support/not_refused.js';
import { ptxas } from '../support/ptxas.js';

const nvcc = await findNvcc();

/** Half of the paper's: each has a body of its own, and minutes count here. */
const ANGLES = [0, 22.5, 45, 67.5];

const ALL = ['sm_75', 'sm_90', 'sm_100'];
const wgrad = { op: 'wgrad', stride: 1, channels: 512 } as const;
const backward = { op: 'backward', stride: 1, channels: 512 } as const;
const dgrad = { op: 'dgrad', stride: 2, channels: 64 } as const;

/** Layers of docs/gpu-backward.md with their schedules: those with the fewest registers to spare, and one of each generation. */
const CASES = [
  [wgrad, 56, 31, { shallow: 7, steep: 7, planes: 1, images: 2, order: 0, resident: 8 }, ['sm_90']],
  [
    wgrad,
    14,
    31,
    { shallow: 14, steep: 14, planes: 16, images: 64, order: 0, depth: 2, resident: 4 },
    ['sm_90'],
  ],
  [
    backward,
    56,
    31,
    { shallow: 7, steep: 7, planes: 1, images: 2, order: 1, resident: 6 },
    ['sm_80', 'sm_90'],
  ],
  [
    backward,
    28,
    31,
    { shallow: 28, steep: 7, planes: 4, images: 64, order: 0, depth: 2, resident: 4 },
    ['sm_90'],
  ],
  [backward, 14, 7, { shallow: 7, steep: 7, planes: 8, images: 8, order: 0, resident: 8 }, ALL],
  [
    dgrad,
    112,
    15,
    { shallow: 7, steep: 7, planes: 1, images: 1, band: 28, order: 0, resident: 6 },
    ['sm_90'],
  ],
] as const;

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)(
    'compiles the kernel of %j %i with K = %i without spills or local memory',
    async (layer, size, kernel, params, archs) => {
      const p = problem({
        ...layer,
        layout: 'nchw',
        height: size,
        width: size,
        kernel,
        angles: ANGLES,
      });
      const made = notRefused(
        schedule(p, { kind: 'cuda', arch: 'sm_90' }, 'cuda_packed_grad', {
          threads: 128,
          band: 0,
          depth: 1,
          ...params,
        }),
      );
      const reports = await ptxas(nvcc!, source(made).text, archs);
      expect(reports).toHaveLength((layer.op === 'backward' ? 3 : 2) * archs.length);
      expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
    },
  );

  // With all directions' bodies side by side the compiler has the least room. At 56 the guess has the body of 28.
  it.each([28, 14])('compiles the best guess for backward %i of eight directions likewise', async (size) => {
    const layer = {
      ...backward,
      layout: 'nchw',
      height: size,
      width: size,
      kernel: 31,
      batch: 64,
    } as const;
    const { candidates } = space(problem({ ...layer, angles: PAPER_ANGLES }), {
      kind: 'cuda',
      arch: 'sm_90',
    });
    const guess = candidates.find(({ family }) => family === 'cuda_packed_grad')!;
    const reports = await ptxas(nvcc!, source(guess).text, ['sm_90']);
    expect(reports).toHaveLength(3);
    expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
  });
});
