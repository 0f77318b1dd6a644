import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { length: 14, vector: 2, lanes: 16, along: 1, across: 8, resident: 2 };
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
  { rule: 'image-size', reason: /8192x4096x64 has more/, layer: { height: 8192, width: 4096 } },
  { rule: 'vector', reason: /3 channels a lane/, params: { vector: 3 } },
  { rule: 'vector-group', reason: /multiples of 2/, layer: { channels: 66 } },
  { rule: 'lanes', reason: /4 lanes are none/, params: { lanes: 4 } },
  { rule: 'lanes-idle', reason: /half of 32 lanes hold the 16/, params: { lanes: 32 } },
  { rule: 'lanes-short', reason: /groups of 32 channels fill more than 8 lanes/, params: { lanes: 8 } },
  { rule: 'tile-length', reason: /no line of 14 outputs/, layer: { height: 7, width: 7 } },
  { rule: 'tile-length', reason: /no line of 0 outputs/, params: { length: 0 } },
  { rule: 'block', reason: /2 blocks of 1280 threads/, params: { along: 4, across: 10 } },
  { rule: 'block', reason: /blocks of 0 threads/, params: { across: 0 } },
  { rule: 'block', reason: /40 blocks of 32 threads/, params: { across: 1, resident: 40 } },
  { rule: 'along', reason: /4 tiles a line .* blocks of 3/, params: { along: 3, across: 2 } },
  { rule: 'registers', reason: /14 outputs and 31 weights .* 80 registers/, params: { resident: 3 } },
  { rule: 'registers-idle', reason: /one more block than 1/, layer: { kernel: 7 }, params: { resident: 1 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { kernel: 151, height: 300, width: 300 },
    params: { length: 60, vector: 1, lanes: 32, along: 1, across: 4, resident: 2 },
  },
  {
    rule: 'code',
    reason: /8 bodies of 2\d\d KiB/,
    layer: { angles: PAPER_ANGLES, channels: 512 },
    params: { length: 28, lanes: 32, along: 2, across: 4, resident: 1 },
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
