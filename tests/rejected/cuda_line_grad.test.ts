import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { tiles: 4, warps: 11, images: 8, lag: 1 };
const layer: ProblemSpec = {
  op: 'backward',
  height: 56,
  width: 56,
  kernel: 31,
  angles: [0],
  channels: 64,
};
const cuda = (arch: string): Target => ({ kind: 'cuda', arch });

interface Case {
  readonly rule: string;
  readonly reason: RegExp;
  readonly layer?: Partial<ProblemSpec>;
  readonly target?: Target;
  readonly params?: Partial<typeof legal>;
}

const CASES: readonly Case[] = [
  { rule: 'kind', reason: /NHWC, not backward of stride 1 in f32 and nchw/, layer: { layout: 'nchw' } },
  { rule: 'kind', reason: /not backward of stride 2/, layer: { stride: 2 } },
  { rule: 'kind', reason: /not dgrad/, layer: { op: 'dgrad' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'filter', reason: /lines, not square/, layer: { filter: 'square', kernel: 5, angles: [] } },
  { rule: 'architecture', reason: /sm_89 has no copy engine/, target: cuda('sm_89') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'channels', reason: /32 channels of one direction/, layer: { channels: 48 } },
  { rule: 'channels', reason: /32 channels of one direction/, layer: { angles: [0, 180], channels: 32 } },
  { rule: 'straight', reason: /all rows, or all columns/, layer: { angles: [22.5] } },
  { rule: 'straight', reason: /all rows, or all columns/, layer: { angles: [0, 90] } },
  { rule: 'tile-count', reason: /have no 0 tiles/, params: { tiles: 0 } },
  { rule: 'images', reason: /of 0 images/, params: { images: 0 } },
  { rule: 'images', reason: /beyond offsets of 32 bits/, layer: { channels: 2 ** 17 } },
  { rule: 'threads', reason: /0 warps/, params: { warps: 0 } },
  { rule: 'threads', reason: /32 warps .* 1024 threads/, params: { warps: 32 } },
  { rule: 'warps-idle', reason: /an image has 10 lines for 11 warps/, layer: { height: 10 } },
  { rule: 'lag', reason: /no block can be 56 of 56 bands ahead/, params: { lag: 56 } },
  { rule: 'lag', reason: /several directions/, layer: { angles: [0, 180] } },
  { rule: 'lag', reason: /65 blocks of an image/, layer: { channels: 65 * 32 } },
  { rule: 'taps', reason: /33 taps and of the bias are more than the 32/, layer: { kernel: 33 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { height: 224, width: 100 },
    params: { tiles: 1 },
  },
  { rule: 'tile-length', reason: /no 9 tiles/, params: { tiles: 9 } },
  { rule: 'box', reason: /a line of 260 pixels/, layer: { width: 260, height: 14 }, params: { tiles: 20 } },
  {
    rule: 'stages',
    reason: /holds 7 lines of 120 pixels .* 11 warps/,
    layer: { width: 120 },
    params: { tiles: 8 },
  },
  { rule: 'stages', reason: /holds 7 lines of 56 pixels/, target: cuda('sm_120') },
  {
    rule: 'shared-memory',
    reason: /11\d\d\d\d bytes, for the sums of its warps, are more than the 101376/,
    target: cuda('sm_120'),
    layer: { op: 'wgrad', width: 1, height: 27 },
    params: { tiles: 1, warps: 27, images: 1, lag: 0 },
  },
  {
    rule: 'registers',
    reason: /needs about 108 registers and has 96/,
    layer: { width: 28 },
    params: { tiles: 2, warps: 19 },
  },
  { rule: 'warps-step', reason: /one warp more than 11 a block .* 168/, params: { warps: 10 } },
  { rule: 'products', reason: /4592 products/, params: { images: 16 } },
];

describe('schedules of cuda_line_grad are refused', () => {
  it('but not these', () => {
    for (const angle of [0, 90, 180])
      for (const arch of ['sm_90', 'sm_90a'])
        expect(
          schedule(problem({ ...layer, angles: [angle] }), cuda(arch), 'cuda_line_grad', legal),
        ).toMatchObject({
          kind: 'schedule',
        });
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? cuda('sm_90'), 'cuda_line_grad', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_line_grad')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
