import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = {
  shallow: 7,
  steep: 7,
  threads: 128,
  planes: 1,
  images: 2,
  band: 0,
  order: 0,
  depth: 1,
  resident: 5,
};
const layer: ProblemSpec = {
  op: 'backward',
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
  { rule: 'kind', reason: /NCHW, not backward in f32 and nhwc/, layer: { layout: 'nhwc' } },
  { rule: 'kind', reason: /not fprop/, layer: { op: 'fprop' } },
  { rule: 'kind', reason: /not backward in f16/, layer: { dtype: 'f16' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'dgrad-stride', reason: /dgrad at stride 1 is fprop/, layer: { op: 'dgrad' } },
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
  {
    rule: 'tile-length',
    reason: /14 along columns do not fit into 8x56/,
    layer: { height: 8 },
    params: { steep: 14 },
  },
  { rule: 'tile-length', reason: /tiles of 57 along rows/, params: { shallow: 57 } },
  { rule: 'tile-length', reason: /tiles of 0 along rows/, params: { shallow: 0 } },
  { rule: 'images', reason: /3 images a block are not taken 2 at a time/, params: { images: 3, planes: 2 } },
  { rule: 'images', reason: /not taken 0 at a time/, params: { planes: 0 } },
  { rule: 'depth', reason: /at least 1 step, not of 0/, params: { depth: 0 } },
  {
    rule: 'depth',
    reason: /sm_80 has no copy engine that fetches planes of 2 steps/,
    target: { kind: 'cuda', arch: 'sm_80' },
    params: { depth: 2 },
  },
  { rule: 'steps', reason: /a block of 2 steps has no use for the planes of 3/, params: { depth: 3 } },
  { rule: 'band', reason: /bands of 56 rows of x are no parts of 56/, params: { band: 56 } },
  {
    rule: 'band',
    reason: /bands of 42 rows of x are no parts of 56/,
    params: { band: 21 },
    layer: { stride: 2 },
  },
  { rule: 'band', reason: /one plane at a time, not of 2/, params: { band: 28, planes: 2 } },
  {
    rule: 'band-bytes',
    reason: /bands of 14 rows of 58 and rows of 58/,
    layer: { width: 58 },
    params: { band: 14 },
  },
  { rule: 'order', reason: /not 2/, params: { order: 2 } },
  { rule: 'threads', reason: /5 blocks of 100 threads are no whole warps/, params: { threads: 100 } },
  { rule: 'threads', reason: /5 blocks of 512 threads .* 2048/, params: { threads: 512 } },
  { rule: 'threads', reason: /0 blocks/, params: { resident: 0 } },
  {
    rule: 'taps',
    reason: /33 sums and that of the bias are more than the 32 lanes/,
    layer: { kernel: 33 },
  },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { op: 'dgrad', stride: 2, kernel: 151, height: 320, width: 320 },
    params: { steep: 60 },
  },
  {
    rule: 'order-ranges',
    reason: /one direction cannot vary more slowly/,
    layer: { angles: [45] },
    params: { order: 1 },
  },
  {
    rule: 'band-tile',
    reason: /bands of 28 rows do not start where tiles of 8 do/,
    params: { band: 28, steep: 8 },
  },
  { rule: 'registers', reason: /needs about 79 registers and has 72/, params: { resident: 7 } },
  {
    rule: 'registers',
    reason: /needs about 95 registers and has 80/,
    target: { kind: 'cuda', arch: 'sm_120' },
    params: { resident: 6 },
  },
  { rule: 'shared-memory', reason: /5 blocks of 25728 bytes/, target: { kind: 'cuda', arch: 'sm_120' } },
  {
    rule: 'shared-memory',
    reason: /1 blocks of 402048 bytes/,
    layer: { height: 224, width: 224 },
    params: { resident: 1 },
  },
  {
    rule: 'registers-idle',
    reason: /3 blocks of 128 leave a thread 168 registers/,
    params: { resident: 3 },
  },
];

describe('schedules of cuda_packed_grad are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), sm90, 'cuda_packed_grad', legal).kind).toBe('schedule');
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? sm90, 'cuda_packed_grad', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_packed_grad')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
