import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { shallow: 7, steep: 14, threads: 128, planes: 1, images: 2, band: 0, resident: 8 };
const layer: ProblemSpec = {
  layout: 'nchw',
  height: 56,
  width: 56,
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
  { rule: 'kind', reason: /not fprop in f16/, layer: { dtype: 'f16' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  {
    rule: 'plane-bytes',
    reason: /196 and 196 bytes are no multiples of the 16/,
    layer: { height: 7, width: 7 },
  },
  {
    rule: 'plane-bytes',
    reason: /784 and 196 bytes/,
    layer: { height: 14, width: 14, stride: 2 },
  },
  {
    rule: 'plane-size',
    reason: /2147483648 bytes .* 32-bit/,
    layer: { height: 2 ** 15, width: 2 ** 14, kernel: 1 },
  },
  { rule: 'tile-length', reason: /14 along columns do not fit into 8x56/, layer: { height: 8 } },
  { rule: 'tile-length', reason: /tiles of 57 along rows/, params: { shallow: 57 } },
  { rule: 'tile-length', reason: /tiles of 0 along rows/, params: { shallow: 0 } },
  { rule: 'images', reason: /3 images a block are not taken 2 at a time/, params: { images: 3, planes: 2 } },
  { rule: 'images', reason: /not taken 0 at a time/, params: { planes: 0 } },
  { rule: 'band', reason: /a band of 56 rows is no part of 56/, params: { band: 56 } },
  { rule: 'band', reason: /one plane at a time, not of 2/, params: { band: 28, planes: 2 } },
  {
    rule: 'band-bytes',
    reason: /14 rows of 58 inputs and 58 outputs/,
    layer: { width: 58 },
    params: { band: 14 },
  },
  {
    rule: 'band-bytes',
    reason: /bands of 7 rows of 12 inputs and 6 outputs/,
    layer: { width: 12, stride: 2 },
    params: { shallow: 6, steep: 7, band: 7 },
  },
  { rule: 'threads', reason: /8 blocks of 100 threads are no whole warps/, params: { threads: 100 } },
  { rule: 'threads', reason: /8 blocks of 512 threads .* 2048/, params: { threads: 512 } },
  { rule: 'threads', reason: /33 blocks of 32 threads .* 32 or/, params: { threads: 32, resident: 33 } },
  { rule: 'threads', reason: /0 blocks/, params: { resident: 0 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { kernel: 151, height: 300, width: 300 },
    params: { steep: 60 },
  },
  { rule: 'band-tile', reason: /bands of 20 rows do not start where tiles of 14 do/, params: { band: 20 } },
  {
    rule: 'registers',
    reason: /needs about 59 registers and has 32/,
    params: { shallow: 28, threads: 256 },
  },
  {
    rule: 'registers',
    reason: /needs about 61 registers and has 48/,
    target: { kind: 'cuda', arch: 'sm_120' },
    params: { resident: 10 },
  },
  { rule: 'shared-memory', reason: /8 blocks of 25216 bytes/, target: { kind: 'cuda', arch: 'sm_80' } },
  {
    rule: 'shared-memory',
    reason: /1 blocks of 401536 bytes/,
    layer: { height: 224, width: 224 },
    params: { resident: 1 },
  },
  {
    rule: 'registers-idle',
    reason: /2 blocks of 128 leave a thread 255 registers/,
    params: { resident: 2 },
  },
];

describe('schedules of cuda_packed are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), sm90, 'cuda_packed', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? sm90, 'cuda_packed', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_packed')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
