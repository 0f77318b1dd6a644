import { describe, expect, it } from 'vitest';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { notRefused } from '../support/not_refused.js';
import { ptxas } from '../support/ptxas.js';

const nvcc = await findNvcc();

/** One with as few registers as eight directions can do with, and one that each generation compiles. */
const CASES = [
  [28, 31, { shallow: 7, steep: 14, planes: 2, images: 2, resident: 10 }, ['sm_90']],
  [28, 7, { shallow: 7, steep: 14, planes: 2, images: 2, resident: 8 }, ['sm_75', 'sm_80', 'sm_120']],
] as const;

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)(
    'compiles the kernel of %i with K = %i without spills or local memory',
    async (size, kernel, params, archs) => {
      const layer = { height: size, width: size, kernel, angles: PAPER_ANGLES, channels: 512 };
      const target = { kind: 'cuda', arch: 'sm_90' } as const;
      const made = notRefused(
        schedule(problem({ layout: 'nchw', ...layer }), target, 'cuda_packed', {
          threads: 128,
          band: 0,
          ...params,
        }),
      );
      const reports = await ptxas(nvcc!, source(made).text, archs);
      expect(reports).toHaveLength(2 * archs.length);
      expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
    },
  );
});
