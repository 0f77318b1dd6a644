import { describe, expect, it } from 'vitest';
import type { Params } from '../../generator/families/family.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { notRefused } from '../support/not_refused.js';
import { ptxas } from '../support/ptxas.js';

const nvcc = await findNvcc();

const layer7: ProblemSpec = {
  layout: 'nchw',
  height: 7,
  width: 7,
  kernel: 31,
  angles: PAPER_ANGLES,
  channels: 768,
};
const tight = { length: 7, lanes: 32, warps: 4, images: 1, copy: 0, resident: 12 };

interface Case {
  readonly family: 'cuda_direct' | 'cuda_lanes';
  readonly layer: ProblemSpec;
  readonly params: Params;
  readonly archs: readonly string[];
}

/** The schedules with the fewest registers to spare, and one of each generation. */
const CASES: readonly Case[] = [
  { family: 'cuda_lanes', layer: layer7, params: tight, archs: ['sm_90'] },
  { family: 'cuda_lanes', layer: layer7, params: { ...tight, copy: 16 }, archs: ['sm_90'] },
  {
    family: 'cuda_lanes',
    layer: { ...layer7, kernel: 7, angles: [0, 22.5], channels: 45 },
    params: { ...tight, lanes: 16, copy: 4, resident: 8 },
    archs: ['sm_75', 'sm_80', 'sm_120'],
  },
  {
    family: 'cuda_direct',
    layer: { height: 14, width: 14, kernel: 31, angles: PAPER_ANGLES, channels: 512 },
    params: { length: 14, vector: 2, lanes: 32, along: 1, across: 4, resident: 5 },
    archs: ['sm_90'],
  },
  {
    family: 'cuda_direct',
    layer: { height: 28, width: 28, kernel: 7, angles: [45, 67.5], channels: 16, stride: 2 },
    params: { length: 14, vector: 1, lanes: 8, along: 1, across: 2, resident: 16 },
    archs: ['sm_75', 'sm_80', 'sm_120'],
  },
];

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)(
    'compiles $family for K = $layer.kernel on $archs without spills or local memory',
    async ({ family, layer, params, archs }) => {
      const made = notRefused(schedule(problem(layer), { kind: 'cuda', arch: archs[0]! }, family, params));
      const reports = await ptxas(nvcc!, source(made).text, archs);
      expect(reports).toHaveLength(2 * archs.length);
      expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
    },
  );
});
