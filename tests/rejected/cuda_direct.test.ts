import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { length: 14, vector: 2, along: 1, across: 8, tiles: 1, resident: 2, stream: 0 };
const layer: ProblemSpec = { height: 56, width: 56, kernel: 31, angles: [0, 90], channels: 64 };
const sm90: Target = { kind: 'cuda', arch: 'sm_90' };

interface Case {
  readonly rule: string;
  readonly reason: RegExp;
  readonly layer?: Partial<ProblemSpec>;
  readonly target?: Target;
  readonly params?: Partial<typeof legal>;
}

const CASES: readonly Case[] = [
  { rule: 'kind', reason: /NHWC, not fprop in f32 and nchw/, layer: { layout: 'nchw' } },
  { rule: 'kind', reason: /not wgrad/, layer: { op: 'wgrad' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'vector', reason: /3 channels a lane/, params: { vector: 3 } },
  { rule: 'vector-group', reason: /multiples of 4/, layer: { channels: 66 }, params: { vector: 4 } },
  { rule: 'registers', reason: /28 outputs and 31 weights of 4 channels/, params: { length: 28, vector: 4 } },
  { rule: 'registers', reason: /0 outputs/, params: { length: 0 } },
  { rule: 'tile-length', reason: /no line of 14 outputs/, layer: { height: 7, width: 7 } },
  { rule: 'block', reason: /4 blocks of 1024 threads/, params: { along: 4, across: 8, resident: 4 } },
  { rule: 'block', reason: /blocks of 0 threads/, params: { across: 0 } },
  { rule: 'switches', reason: /0 or 1/, params: { stream: 2 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { kernel: 151, height: 300, width: 300 },
    params: { length: 60, vector: 1 },
  },
];

describe('schedules of cuda_direct are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), sm90, 'cuda_direct', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? sm90, 'cuda_direct', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_direct')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
