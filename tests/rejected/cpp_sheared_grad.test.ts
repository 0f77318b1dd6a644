import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { length: 8, lanes: 16, depth: 2, band: 0, prefetch: 1, stream: 1 };
const layer: ProblemSpec = {
  op: 'backward',
  height: 56,
  width: 56,
  kernel: 31,
  angles: [0, 90],
  channels: 64,
};
const avx512 = cpuTarget('avx512');
const cuda: Target = { kind: 'cuda', arch: 'sm_90' };

interface Case {
  readonly rule: string;
  readonly reason: RegExp;
  readonly layer?: Partial<ProblemSpec>;
  readonly target?: Target;
  readonly params?: Partial<typeof legal>;
}

const CASES: readonly Case[] = [
  { rule: 'kind', reason: /not fprop in f32/, layer: { op: 'fprop' } },
  { rule: 'kind', reason: /not backward in f16/, layer: { dtype: 'f16' } },
  { rule: 'kind', reason: /computed as fprop/, layer: { op: 'dgrad' } },
  { rule: 'kind', reason: /not of cuda/, target: cuda },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'registers', reason: /32 vectors of x and dx/, params: { length: 16 } },
  { rule: 'registers', reason: /31 vectors/, layer: { op: 'wgrad' }, params: { length: 31, stream: 0 } },
  { rule: 'registers', reason: /0 vectors/, params: { length: 0 } },
  {
    rule: 'tile-length',
    reason: /no line of 8 pixels fits into 7x4/,
    layer: { height: 14, width: 8, stride: 2 },
  },
  {
    rule: 'lanes',
    reason: /16 lanes are no vector of avx2/,
    target: cpuTarget('avx2'),
    params: { length: 4 },
  },
  { rule: 'lanes-group', reason: /32 channels a block are more than the 12/, layer: { channels: 24 } },
  { rule: 'band', reason: /a band of 28 rows is no part of 28/, layer: { stride: 2 }, params: { band: 28 } },
  { rule: 'switches', reason: /prefetch is 0, 1 or 2/, params: { prefetch: 3 } },
  { rule: 'rolling', reason: /NHWC plane at stride 1/, params: { prefetch: 2 } },
  { rule: 'rolling', reason: /at stride 1/, layer: { stride: 2 }, params: { prefetch: 2, band: 8 } },
  { rule: 'rolling', reason: /NHWC/, layer: { layout: 'nchw' }, params: { prefetch: 2, band: 8 } },
  { rule: 'prefetch-planes', reason: /whole planes/, layer: { layout: 'nchw' }, params: { band: 8 } },
  { rule: 'stream-lines', reason: /16 lanes, not 8/, params: { lanes: 8 } },
  { rule: 'stream-lines', reason: /wgrad writes no dx/, layer: { op: 'wgrad' } },
  { rule: 'stream-lines', reason: /64-byte lines/, layer: { channels: 72 } },
  { rule: 'stream-lines', reason: /64-byte lines/, layer: { layout: 'nchw', height: 15, width: 15 } },
  { rule: 'sum-length', reason: /16512 products/, layer: { height: 129, width: 128 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { kernel: 255, height: 300, width: 300 },
    params: { length: 15, band: 15, prefetch: 0 },
  },
  { rule: 'band-tile', reason: /bands of 20 rows do not start where tiles of 8 do/, params: { band: 20 } },
  {
    rule: 'slab',
    reason: /bytes of staged pixels/,
    layer: { height: 128, width: 128, channels: 128 },
    params: { depth: 4 },
  },
  { rule: 'params', reason: /length must be a whole number/, params: { length: 2.5 } },
];

describe('schedules of gradients are refused', () => {
  it.each([
    {},
    { op: 'wgrad', stream: 0 },
    { op: 'dgrad', stride: 2 },
    { stride: 3 },
    { layout: 'nchw' },
  ] as const)('but not %o', (change) => {
    const { stream = 1, ...rest } = { ...change } as Partial<ProblemSpec> & { stream?: number };
    const made = schedule(problem({ ...layer, ...rest }), avx512, 'cpp_sheared_grad', { ...legal, stream });
    expect(made).toMatchObject({ kind: 'schedule' });
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? avx512, 'cpp_sheared_grad', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cpp_sheared_grad')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
