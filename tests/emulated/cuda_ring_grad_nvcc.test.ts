import { describe, expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';

const nvcc = await findNvcc();

/** Half of the paper's: each has a body of its own, and minutes count here. */
const ANGLES = [0, 22.5, 45, 67.5];

const at56 = { channels: 16, tiles: 8, resident: 1, images: 16, bands: 4, depth: 1, skip: 0, shared: 0 };
const at28 = { channels: 32, tiles: 4, resident: 2, images: 4, bands: 4, depth: 1, skip: 0, shared: 0 };

/** Layers of docs/gpu-backward.md with their schedules: those with the fewest registers to spare. */
const CASES = [
  ['backward', 56, { ...at56, warps: 15, ahead: 1, order: 1, producer: 1 }, 128],
  ['backward', 56, { ...at56, warps: 16, ahead: 1, order: 1, producer: 0 }, 128],
  ['backward', 56, { ...at56, tiles: 4, warps: 15, ahead: 1, order: 1, producer: 1 }, 128],
  ['backward', 56, { ...at56, warps: 19, ahead: 0, order: 1, producer: 1 }, 96],
  ['backward', 56, { ...at56, warps: 20, ahead: 0, order: 1, producer: 0 }, 96],
  ['wgrad', 56, { ...at56, warps: 27, ahead: 0, order: 1, producer: 1 }, 72],
  ['wgrad', 56, { ...at56, tiles: 4, warps: 23, ahead: 1, order: 1, producer: 1 }, 80],
  ['backward', 28, { ...at28, warps: 8, ahead: 1, order: 1, producer: 0 }, 128],
  ['wgrad', 28, { ...at28, warps: 11, ahead: 1, order: 1, producer: 1 }, 80],
] as const;

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)(
    'compiles the kernel of %s %i with %j without spills or local memory',
    async (op, size, params, most) => {
      const layer = { op, height: size, width: size, kernel: 31, angles: ANGLES, channels: 512 };
      const made = schedule(problem(layer), { kind: 'cuda', arch: 'sm_90' }, 'cuda_ring_grad', params);
      if (made.kind === 'refusal') throw new Error(made.reason);
      const reports = await ptxas(nvcc!, source(made).text, ['sm_90']);
      expect(reports).toHaveLength(op === 'wgrad' ? 2 : 3);
      expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
      expect(Math.max(...reports.map(({ registers }) => registers))).toBeLessThanOrEqual(most);
    },
  );
});
