import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = {
  length: 14,
  vector: 2,
  lanes: 16,
  along: 2,
  across: 4,
  steps: 2,
  images: 1,
  resident: 2,
  shared: 0,
  order: 0,
};
const layer: ProblemSpec = {
  op: 'wgrad',
  height: 56,
  width: 56,
  kernel: 15,
  angles: [0, 90],
  channels: 64,
};
const dgrad: Partial<ProblemSpec> = { op: 'dgrad', stride: 2 };
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
  { rule: 'dgrad-stride', reason: /reversed weights/, layer: { op: 'dgrad' } },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'image-size', reason: /8192x4096x64 has more/, layer: { height: 8192, width: 4096 } },
  { rule: 'vector', reason: /3 channels a lane/, params: { vector: 3 } },
  { rule: 'vector-group', reason: /multiples of 2/, layer: { channels: 66 } },
  { rule: 'lanes', reason: /4 lanes are none/, params: { lanes: 4 } },
  { rule: 'lanes-idle', reason: /half of 32 lanes hold the 16/, params: { lanes: 32 } },
  { rule: 'lanes-short', reason: /groups of 32 channels fill more than 8 lanes/, params: { lanes: 8 } },
  {
    rule: 'tile-length',
    reason: /no line of 14 pixels fits into 7x7/,
    layer: { height: 14, width: 13, stride: 2 },
  },
  { rule: 'tile-length', reason: /no line of 0 pixels/, params: { length: 0 } },
  { rule: 'block', reason: /2 blocks of 1280 threads/, params: { along: 4, across: 10 } },
  { rule: 'block', reason: /blocks of 0 threads/, params: { across: 0 } },
  { rule: 'walk', reason: /0 lines of 1 images/, params: { steps: 0 } },
  { rule: 'walk', reason: /2 lines of 0 images/, params: { images: 0 } },
  { rule: 'walk-idle', reason: /no sums that a walk over 2 lines/, layer: dgrad },
  { rule: 'shared', reason: /wgrad does not keep its weights/, params: { shared: 1 } },
  { rule: 'order', reason: /neither 0 .* nor 1/, params: { order: 2 } },
  { rule: 'order', reason: /several directions/, layer: { angles: [45] }, params: { order: 1, lanes: 32 } },
  { rule: 'taps', reason: /33 taps .* more than the 32/, layer: { kernel: 33 } },
  { rule: 'along', reason: /4 tiles a line .* blocks of 3/, params: { along: 3, across: 2 } },
  {
    rule: 'steps-idle',
    reason: /no warp walks over more than 14 of 40 lines/,
    params: { steps: 40, across: 2 },
  },
  {
    rule: 'lines-idle',
    reason: /a block has 16 lines at a time, and a plane 7/,
    layer: { height: 7, width: 224, kernel: 1, angles: [0] },
    params: { lanes: 32, across: 16, along: 1, steps: 1 },
  },
  {
    rule: 'images-early',
    reason: /2 images a block, of which it has only a part in/,
    params: { images: 2 },
  },
  {
    rule: 'row-short',
    reason: /pixels are not worth a row of 16 sums: fewer than 192/,
    params: { along: 1, across: 2, steps: 1, resident: 8 },
  },
  {
    rule: 'row-long',
    reason: /3136 pixels for a row of 16 sums is longer than 1024/,
    params: { along: 4, steps: 8, resident: 1 },
  },
  { rule: 'registers', reason: /about 92 registers and has 80/, params: { resident: 3 } },
  { rule: 'registers-idle', reason: /one more block than 1/, layer: { kernel: 7 }, params: { resident: 1 } },
  {
    rule: 'shared-memory',
    reason: /sums of 16 warps take 65536 bytes/,
    layer: { kernel: 31 },
    params: { along: 4, length: 14, resident: 1 },
  },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { ...dgrad, kernel: 151, height: 300, width: 300 },
    params: { length: 60, vector: 1, lanes: 32, along: 1, across: 4, steps: 1, resident: 2 },
  },
  {
    rule: 'code',
    reason: /8 bodies of \d+ KiB/,
    layer: { op: 'backward', kernel: 31, angles: PAPER_ANGLES, channels: 512 },
    params: { length: 28, vector: 1, lanes: 32, along: 2, across: 4, steps: 8, resident: 1 },
  },
  {
    rule: 'order-idle',
    reason: /stay cached in any order/,
    layer: { kernel: 7 },
    params: { order: 1, resident: 3 },
  },
];

describe('schedules of cuda_direct_grad are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), sm90, 'cuda_direct_grad', legal)).toMatchObject({ kind: 'schedule' });
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? sm90, 'cuda_direct_grad', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_direct_grad')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
