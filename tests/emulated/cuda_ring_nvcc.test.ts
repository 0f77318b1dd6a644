import { describe, expect, it } from 'vitest';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';

const nvcc = await findNvcc();

const common = { channels: 16, resident: 1, images: 16, bands: 7, depth: 1 };

/** Those with the fewest registers to spare. */
const CASES = [
  [[22.5], { ...common, tiles: 4, warps: 31 }, 64],
  [[67.5], { ...common, tiles: 2, warps: 23 }, 80],
  [PAPER_ANGLES, { ...common, tiles: 2, warps: 23 }, 80],
  [PAPER_ANGLES, { ...common, tiles: 4, warps: 31 }, 64],
] as const;

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)(
    'compiles the kernel of angles %j with %j without spills or local memory',
    async (angles, params, most) => {
      const layer = { height: 56, width: 56, kernel: 31, angles, channels: 512 };
      const made = schedule(problem(layer), { kind: 'cuda', arch: 'sm_90' }, 'cuda_ring', params);
      if (made.kind === 'refusal') throw new Error(made.reason);
      const reports = await ptxas(nvcc!, source(made).text, ['sm_90']);
      expect(reports).toHaveLength(2);
      expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
      expect(Math.max(...reports.map(({ registers }) => registers))).toBeLessThanOrEqual(most);
    },
  );
});
