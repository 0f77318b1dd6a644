import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = { channels: 16, tiles: 4, places: 0, warps: 18, resident: 1 };
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
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'architecture', reason: /sm_89 has no copy engine/, target: cuda('sm_89') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  {
    rule: 'channels',
    reason: /18 channels a block are no multiple of 4 from 8 to 48/,
    params: { channels: 18 },
  },
  { rule: 'channels', reason: /4 channels a block are no multiple/, params: { channels: 4 } },
  { rule: 'channels', reason: /0 channels a block are no multiple/, params: { channels: 0 } },
  { rule: 'channels', reason: /64 channels a block are no multiple/, params: { channels: 64 } },
  { rule: 'channels', reason: /20 channels fill no fewer than 5 warps/, params: { channels: 20 } },
  { rule: 'channel-group', reason: /multiples of 16/, layer: { channels: 48 } },
  { rule: 'channel-group', reason: /multiples of 32/, layer: { channels: 96 }, params: { channels: 32 } },
  { rule: 'channel-group', reason: /multiples of 24/, params: { channels: 24 } },
  { rule: 'switches', reason: /0 or 1/, params: { places: 2 } },
  { rule: 'places', reason: /no places to tell apart/, params: { places: 1, tiles: 1 } },
  { rule: 'image-size', reason: /beyond offsets of 32 bits/, layer: { channels: 2 ** 20 } },
  { rule: 'tile-count', reason: /56x56 have no 0 tiles/, params: { tiles: 0 } },
  { rule: 'tile-count', reason: /56x56 have no 57 tiles/, params: { tiles: 57 } },
  { rule: 'box', reason: /4x257 pixels/, layer: { height: 1, width: 256 } },
  { rule: 'shared-memory', reason: /2 of 208008 bytes do not fit.*holds 1$/, params: { resident: 2 } },
  { rule: 'shared-memory', reason: /holds 0$/, target: cuda('sm_120') },
  { rule: 'shared-memory', reason: /resident: 0/, params: { resident: 0 } },
  {
    rule: 'idle-memory',
    reason: /1 leave half of the shared memory idle, which holds 2/,
    layer: { height: 28 },
    params: { resident: 1 },
  },
  {
    rule: 'team',
    reason: /16 warps are no whole teams of the 3 that share lines of 12 channels/,
    layer: { channels: 24 },
    params: { channels: 12, warps: 16 },
  },
  { rule: 'threads', reason: /1 blocks of 1056 threads/, params: { warps: 33 } },
  { rule: 'threads', reason: /blocks of 0 threads/, params: { warps: 0 } },
  {
    rule: 'tile-length',
    reason: /no 5 tiles/,
    layer: { height: 6, width: 6 },
    params: { tiles: 5, resident: 16, warps: 4 },
  },
  { rule: 'registers', reason: /87 weights and sums.*80 registers/, params: { tiles: 1, warps: 24 } },
  // Warps without teams would have enough of them.
  {
    rule: 'registers',
    reason: /45 weights and sums.*72 registers/,
    layer: { channels: 24 },
    params: { channels: 12, warps: 27 },
  },
  {
    rule: 'program-length',
    reason: /4[0-9]{3} multiply-adds/,
    layer: { kernel: 151 },
    params: { tiles: 2, places: 1, warps: 8 },
  },
];

describe('schedules of cuda_staged are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), cuda('sm_90'), 'cuda_staged', legal).kind).toBe('schedule');
    expect(schedule(problem(layer), cuda('sm_90a'), 'cuda_staged', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? cuda('sm_90'), 'cuda_staged', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_staged')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
