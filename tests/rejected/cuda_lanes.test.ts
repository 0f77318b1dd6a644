import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { length: 7, lanes: 32, warps: 4, images: 1, copy: 0, resident: 8 };
const layer: ProblemSpec = {
  layout: 'nchw',
  height: 7,
  width: 7,
  kernel: 31,
  angles: [0, 90],
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
  { rule: 'kind', reason: /NCHW, not fprop in f32 and nhwc/, layer: { layout: 'nhwc' } },
  { rule: 'kind', reason: /not dgrad/, layer: { op: 'dgrad' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'image-size', reason: /64x8192x4096 has more/, layer: { height: 8192, width: 4096 } },
  { rule: 'lanes', reason: /24 lanes are none/, params: { lanes: 24 } },
  { rule: 'lanes-idle', reason: /half of 32 lanes hold the 16 channels/, layer: { channels: 32 } },
  { rule: 'copy', reason: /copies of 8 bytes/, params: { copy: 8 } },
  { rule: 'copy-aligned', reason: /planes of 49 and 49 floats/, layer: { channels: 66 } },
  {
    rule: 'copy-aligned',
    reason: /planes of 64 and 9 floats/,
    layer: { height: 8, width: 8, stride: 3, channels: 38 },
    params: { length: 3 },
  },
  { rule: 'copy-single', reason: /a quarter as many/, params: { copy: 4 } },
  { rule: 'tile-length', reason: /no line of 8 outputs/, params: { length: 8 } },
  { rule: 'tile-length', reason: /no line of 0 outputs/, params: { length: 0 } },
  { rule: 'block', reason: /0 warps/, params: { warps: 0 } },
  { rule: 'block', reason: /20 blocks of 4 warps/, params: { resident: 20 } },
  { rule: 'shared-memory', reason: /8 blocks of 50192 bytes .* 4 do/, params: { images: 4 } },
  {
    rule: 'shared-memory',
    reason: /1 blocks of 86544 bytes .* 0 do/,
    target: { kind: 'cuda', arch: 'sm_75' },
    layer: { height: 13, width: 13 },
    params: { images: 2, resident: 1 },
  },
  { rule: 'registers', reason: /7 outputs and 13 weights/, params: { resident: 14 } },
  { rule: 'registers-idle', reason: /one more block than 4/, params: { resident: 4 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { height: 100, width: 5, kernel: 91 },
    params: { length: 50, lanes: 8, resident: 1 },
  },
];

describe('schedules of cuda_lanes are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), sm90, 'cuda_lanes', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? sm90, 'cuda_lanes', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_lanes')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
