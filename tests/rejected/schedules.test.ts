import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { length: 14, lanes: 16, depth: 2, band: 0, prefetch: 1, stream: 1 };
const layer: ProblemSpec = { height: 56, width: 56, kernel: 31, angles: [0, 90], channels: 64 };
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
  { rule: 'kind', reason: /f32, not fprop in f16/, layer: { dtype: 'f16' } },
  { rule: 'kind', reason: /fprop in f32, not dgrad/, layer: { op: 'dgrad' } },
  { rule: 'kind', reason: /not of cuda/, target: cuda },
  { rule: 'registers', reason: /31 accumulators.*32 vector registers/, params: { length: 31 } },
  { rule: 'registers', reason: /0 accumulators/, params: { length: 0 } },
  { rule: 'tile-length', reason: /no line of 14 outputs fits into 7x8/, layer: { height: 7, width: 8 } },
  {
    rule: 'lanes',
    reason: /16 lanes are no vector of avx2/,
    target: cpuTarget('avx2'),
    params: { length: 7 },
  },
  { rule: 'lanes', reason: /3 lanes/, params: { lanes: 3, stream: 0 } },
  { rule: 'lanes-group', reason: /32 channels a block are more than the 12/, layer: { channels: 24 } },
  { rule: 'band', reason: /a band of 56 rows is no part of 56/, params: { band: 56 } },
  { rule: 'band-tile', reason: /bands of 20 rows do not start where tiles of 14 do/, params: { band: 20 } },
  { rule: 'switches', reason: /prefetch is 0, 1 or 2/, params: { prefetch: 3 } },
  { rule: 'switches', reason: /stream 0 or 1, not 1 and 2/, params: { stream: 2 } },
  { rule: 'rolling', reason: /not where a band is the whole plane/, params: { prefetch: 2 } },
  { rule: 'rolling', reason: /not in NCHW/, layer: { layout: 'nchw' }, params: { prefetch: 2, band: 14 } },
  { rule: 'prefetch-planes', reason: /whole planes/, layer: { layout: 'nchw' }, params: { band: 14 } },
  { rule: 'stream-lines', reason: /16 lanes, not 8/, params: { lanes: 8 } },
  { rule: 'stream-lines', reason: /64-byte lines/, layer: { channels: 72 } },
  { rule: 'stream-lines', reason: /64-byte lines/, layer: { layout: 'nchw', height: 15, width: 15 } },
  { rule: 'params', reason: /length must be a whole number, not 2.5/, params: { length: 2.5 } },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { kernel: 255, height: 300, width: 300 },
    params: { length: 28 },
  },
  { rule: 'slab', reason: /more than the 4194304/, layer: { height: 512, width: 512 } },
  {
    rule: 'name-length',
    reason: /characters/,
    layer: { angles: Array.from({ length: 40 }, (_, i) => Math.PI * i * i) },
    params: { lanes: 1, depth: 1, stream: 0 },
  },
];

describe('schedules are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), avx512, 'cpp_sheared', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? avx512, 'cpp_sheared', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cpp_sheared')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
