import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = {
  length: 7,
  rows: 14,
  columns: 14,
  warps: 24,
  producers: 4,
  apart: 1,
  grouped: 0,
  step: 0,
  images: 1,
  pieces: 4,
};
const layer: ProblemSpec = {
  op: 'wgrad',
  layout: 'nhwc',
  height: 112,
  width: 112,
  stride: 2,
  kernel: 15,
  angles: PAPER_ANGLES,
  channels: 64,
};
const sm90: Target = { kind: 'cuda', arch: 'sm_90' };

interface Case {
  readonly rule: string;
  readonly reason: RegExp;
  readonly layer?: Partial<ProblemSpec>;
  readonly target?: Target;
  readonly params?: Partial<typeof legal>;
}

const CASES: readonly Case[] = [
  { rule: 'kind', reason: /NHWC, not wgrad in f32 and nchw/, layer: { layout: 'nchw' } },
  { rule: 'kind', reason: /not fprop/, layer: { op: 'fprop' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'dgrad-stride', reason: /reversed weights/, layer: { op: 'dgrad', stride: 1 } },
  { rule: 'stride', reason: /stride 3 is neither 1 nor 2/, layer: { stride: 3 } },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'image-size', reason: /8192x4096x64, with what/, layer: { height: 8192, width: 4096 } },
  { rule: 'image-size', reason: /1x900000x64, with what/, layer: { height: 1, width: 900_000 } },
  { rule: 'lanes', reason: /no multiples of 8/, layer: { channels: 96 } },
  { rule: 'lanes', reason: /all 24 none of 16/, layer: { channels: 24, angles: [0, 45, 90] } },
  { rule: 'directions', reason: /16 channels fills pieces of 16/, layer: { channels: 128 } },
  { rule: 'tile-length', reason: /no line of a part has 10000 pixels/, params: { length: 10_000 } },
  { rule: 'tile', reason: /12x14 pixels are no whole tiles of 7/, params: { rows: 12 } },
  { rule: 'tile', reason: /14x0 pixels/, params: { columns: 0 } },
  { rule: 'region', reason: /14x63 pixels are larger/, params: { columns: 63 } },
  { rule: 'warps', reason: /23 and 4 warps/, params: { warps: 23 } },
  { rule: 'warps', reason: /30 and 4 warps are no .* more than a block's 32/, params: { warps: 30 } },
  { rule: 'apart', reason: /0 or 1/, params: { apart: 2 } },
  { rule: 'grouped', reason: /0 or 1/, params: { grouped: 2 } },
  {
    rule: 'grouped',
    reason: /22 warps do not divide into the 4 schedulers/,
    params: { warps: 22, grouped: 1 },
  },
  { rule: 'step', reason: /by 0, 1 or 2, not by 3/, params: { step: 3 } },
  {
    rule: 'step',
    reason: /16 channels are no pairs of blocks/,
    layer: { channels: 16, angles: [0, 45] },
    params: { step: 1 },
  },
  {
    rule: 'step',
    reason: /blocks of sm_80 cannot wait/,
    target: { kind: 'cuda', arch: 'sm_80' },
    params: { step: 2 },
  },
  { rule: 'walk', reason: /17 blocks have no share of the 16 regions/, params: { pieces: 17 } },
  { rule: 'walk', reason: /0 blocks/, params: { pieces: 0 } },
  { rule: 'walk', reason: /too many to count in 32 bits/, params: { images: 2 ** 26, pieces: 2 ** 30 - 8 } },
  { rule: 'products', reason: /\d{5} products in float32/, params: { images: 1000, pieces: 1 } },
  { rule: 'phases', reason: /4 warps are fewer than the 6 parts/, params: { warps: 4 } },
  {
    rule: 'registers',
    reason: /about 71 registers and has 64 in a block of 1024/,
    layer: { op: 'backward', kernel: 31 },
    params: { warps: 28 },
  },
  { rule: 'shared-memory', reason: /two regions .* take \d+ bytes/, params: { rows: 28, columns: 28 } },
  {
    rule: 'shared-memory',
    reason: /a block has 166912/,
    layer: { kernel: 31 },
    target: { kind: 'cuda', arch: 'sm_80' },
  },
  {
    rule: 'program-length',
    reason: /4\d\d\d multiply-adds is longer/,
    layer: { kernel: 151, height: 448, width: 448 },
    params: { length: 28, rows: 28, columns: 28, warps: 6, producers: 0 },
  },
];

describe('cuda_region_grad', () => {
  it('takes the schedule that each case spoils', () => {
    expect(schedule(problem(layer), sm90, 'cuda_region_grad', legal).kind).toBe('schedule');
  });

  it.each(CASES)('refuses by $rule: $reason', ({ rule, reason, layer: change, target = sm90, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target, 'cuda_region_grad', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('has a case for each of its rules', () => {
    const rules = family('cuda_region_grad').rules.map(({ id }) => id);
    expect(new Set(CASES.map(({ rule }) => rule))).toEqual(new Set(rules));
  });
});
