import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = {
  channels: 16,
  tiles: 4,
  warps: 23,
  resident: 1,
  images: 16,
  bands: 7,
  depth: 1,
  lag: 0,
  run: 1,
};
const layer: ProblemSpec = { height: 56, width: 56, kernel: 31, angles: [0, 90], channels: 64 };
const cuda = (arch: string): Target => ({ kind: 'cuda', arch });

interface Case {
  readonly rule: string;
  readonly reason: RegExp;
  readonly layer?: Partial<ProblemSpec>;
  readonly target?: Target;
  readonly params?: Partial<typeof legal>;
}

const CASES: readonly Case[] = [
  { rule: 'kind', reason: /NHWC, not fprop of stride 1 in f32 and nchw/, layer: { layout: 'nchw' } },
  { rule: 'kind', reason: /not fprop of stride 2/, layer: { stride: 2 } },
  { rule: 'kind', reason: /not dgrad/, layer: { op: 'dgrad' } },
  { rule: 'kind', reason: /in f16/, layer: { dtype: 'f16' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'filter', reason: /lines, not square/, layer: { filter: 'square', kernel: 5, angles: [] } },
  { rule: 'architecture', reason: /sm_89 has no copy engine/, target: cuda('sm_89') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'channels', reason: /8 channels a block are neither 16 nor 32/, params: { channels: 8 } },
  { rule: 'channel-group', reason: /multiples of 16/, layer: { channels: 48 } },
  { rule: 'images', reason: /of 0 images/, params: { images: 0 } },
  { rule: 'images', reason: /20000 images with .* beyond offsets of 32 bits/, params: { images: 20_000 } },
  // The images alone are not, but lines beside the last one.
  {
    rule: 'images',
    reason: /floats of 32 images with what lies beside them/,
    layer: { height: 28, width: 28, kernel: 7, angles: [45], channels: 85568 },
    params: { channels: 32, resident: 2, warps: 31, images: 32 },
  },
  { rule: 'tile-count', reason: /56x56 have no 57 tiles/, params: { tiles: 57 } },
  { rule: 'bands', reason: /56 rows are not dealt out to 5 bands/, params: { bands: 5 } },
  { rule: 'bands', reason: /0 bands/, params: { bands: 0 } },
  { rule: 'depth', reason: /hold at least 1 of their planes, and not 17/, params: { depth: 17, bands: 1 } },
  { rule: 'lag', reason: /no block can be 112 of 112/, layer: { angles: [0] }, params: { lag: 112 } },
  { rule: 'lag', reason: /blocks of several directions do not go at one pace/, params: { lag: 2 } },
  {
    rule: 'lag',
    reason: /65 blocks of an image are more than the 64/,
    layer: { angles: [0], channels: 1040 },
    params: { lag: 1 },
  },
  { rule: 'box', reason: /1x257 pixels/, layer: { height: 1, width: 256 }, params: { bands: 1 } },
  { rule: 'threads', reason: /1 blocks of 1056 threads/, params: { warps: 32 } },
  { rule: 'threads', reason: /1 blocks of 32 threads/, params: { warps: 0 } },
  { rule: 'threads', reason: /0 blocks of 768 threads/, params: { resident: 0 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { height: 224, width: 4 },
    params: { tiles: 1, bands: 4 },
  },
  { rule: 'band-bytes', reason: /bands of 25536 bytes do not start at multiples/, params: { bands: 8 } },
  { rule: 'tile-length', reason: /no 9 tiles/, params: { tiles: 9 } },
  { rule: 'run', reason: /lines of 4 tiles are not dealt out to runs of 3/, params: { run: 3 } },
  { rule: 'run', reason: /runs of 0/, params: { run: 0 } },
  {
    rule: 'warps-idle',
    reason: /3 runs of tiles for 19 warps/,
    layer: { height: 6, width: 6, kernel: 5, angles: [0, 10] },
    params: { tiles: 6, warps: 19, bands: 3, run: 6 },
  },
  {
    rule: 'warps-idle',
    reason: /18 runs of tiles for 19 warps/,
    layer: { height: 6, width: 6, kernel: 5 },
    params: { tiles: 6, warps: 19, bands: 3 },
  },
  { rule: 'shared-memory', reason: /2 of 208128 bytes do not fit.*holds 1$/, params: { resident: 2 } },
  { rule: 'shared-memory', reason: /holds 0$/, target: cuda('sm_120') },
  {
    rule: 'idle-memory',
    reason: /1 leave half of the shared memory idle, which holds 2/,
    layer: { height: 28 },
    params: { bands: 2 },
  },
  { rule: 'registers', reason: /needs about 78 registers and has 72/, params: { tiles: 2, warps: 27 } },
  { rule: 'warps-step', reason: /one warp more than 23 a block .* 80/, params: { warps: 22 } },
];

describe('schedules of cuda_ring are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), cuda('sm_90'), 'cuda_ring', legal).kind).toBe('schedule');
    expect(schedule(problem(layer), cuda('sm_90a'), 'cuda_ring', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? cuda('sm_90'), 'cuda_ring', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_ring')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
