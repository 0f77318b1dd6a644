import { describe, expect, it } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { cpuTarget, type Target } from '../../generator/target.js';

const legal = {
  channels: 16,
  tiles: 8,
  warps: 15,
  resident: 1,
  images: 16,
  bands: 4,
  depth: 1,
  shared: 0,
  ahead: 1,
  skip: 0,
  order: 1,
  producer: 1,
  lag: 0,
  run: 1,
  inner: 0,
};
const layer: ProblemSpec = {
  op: 'backward',
  height: 56,
  width: 56,
  kernel: 31,
  angles: [0, 90],
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
  { rule: 'kind', reason: /not fprop/, layer: { op: 'fprop' } },
  { rule: 'kind', reason: /not dgrad/, layer: { op: 'dgrad' } },
  { rule: 'kind', reason: /in f16/, layer: { dtype: 'f16' } },
  { rule: 'kind', reason: /not of cpu/, target: cpuTarget('avx2') },
  { rule: 'filter', reason: /lines, not square/, layer: { filter: 'square', kernel: 5, angles: [] } },
  { rule: 'architecture', reason: /sm_89 has no copy engine/, target: cuda('sm_89') },
  { rule: 'kernel-length', reason: /257 taps/, layer: { kernel: 257 } },
  { rule: 'channels', reason: /8 channels a block are neither 16 nor 32/, params: { channels: 8 } },
  { rule: 'channel-group', reason: /multiples of 16/, layer: { channels: 48 } },
  { rule: 'channel-group', reason: /multiples of 32/, layer: { channels: 96 }, params: { channels: 32 } },
  { rule: 'switches', reason: /0 or 1/, params: { ahead: 2 } },
  { rule: 'switches', reason: /0 or 1/, params: { producer: 2 } },
  { rule: 'skip', reason: /not 3/, params: { skip: 3 } },
  { rule: 'tile-form', reason: /sheared tiles of 28 pixels are longer than 16/, params: { tiles: 2 } },
  { rule: 'tile-form', reason: /straight tiles of 7 pixels are shorter than 14/, params: { skip: 2 } },
  { rule: 'ahead', reason: /backward loads x of sheared tiles ahead/, params: { ahead: 0 } },
  { rule: 'shared-weights', reason: /wgrad has no weights/, layer: { op: 'wgrad' }, params: { shared: 1 } },
  { rule: 'order', reason: /one direction cannot vary more slowly/, layer: { angles: [45] } },
  { rule: 'images', reason: /of 0 images/, params: { images: 0 } },
  { rule: 'images', reason: /beyond offsets of 32 bits/, layer: { channels: 2 ** 16 } },
  { rule: 'tile-count', reason: /56x56 have no 0 tiles/, params: { tiles: 0 } },
  { rule: 'tile-count', reason: /56x56 have no 57 tiles/, params: { tiles: 57 } },
  { rule: 'bands', reason: /56 rows are not dealt out to 5 bands/, params: { bands: 5 } },
  { rule: 'bands', reason: /0 bands/, params: { bands: 0 } },
  { rule: 'bands', reason: /56 bands .* up to 32/, params: { bands: 56 } },
  { rule: 'lag', reason: /a warp that only fetches can wait/, params: { lag: 1, producer: 0, warps: 16 } },
  { rule: 'lag', reason: /64 of 64/, layer: { angles: [0] }, params: { lag: 64, order: 0 } },
  { rule: 'lag', reason: /several directions/, params: { lag: 1 } },
  {
    rule: 'depth',
    reason: /blocks of 16 images hold at least 1 of their planes, and not 17/,
    params: { depth: 17, bands: 1 },
  },
  { rule: 'depth', reason: /not 0/, params: { depth: 0 } },
  { rule: 'box', reason: /1x257 pixels/, layer: { height: 1, width: 256 }, params: { bands: 1 } },
  { rule: 'threads', reason: /1 blocks of 1056 threads/, params: { warps: 32 } },
  { rule: 'threads', reason: /1 blocks of 32 threads/, params: { warps: 0 } },
  { rule: 'threads', reason: /0 blocks of 512 threads/, params: { resident: 0 } },
  {
    rule: 'taps',
    reason: /33 taps and of the bias are more than the 32/,
    layer: { kernel: 33 },
  },
  {
    rule: 'band-bytes',
    reason: /bands of 25536 bytes do not start at multiples of 128/,
    params: { bands: 8 },
  },
  { rule: 'tile-length', reason: /no 9 tiles/, params: { tiles: 9 } },
  { rule: 'run', reason: /lines of 8 tiles are not dealt out to runs of 3/, params: { run: 3 } },
  { rule: 'run', reason: /runs of 0/, params: { run: 0 } },
  { rule: 'inner', reason: /wgrad has one code/, layer: { op: 'wgrad' }, params: { inner: 1 } },
  {
    rule: 'inner',
    reason: /loads of lines that are outside are skipped/,
    layer: { angles: [0, 22.5] },
    params: { inner: 1, skip: 1 },
  },
  { rule: 'inner', reason: /either all tiles or none/, params: { inner: 1 } },
  {
    rule: 'inner',
    reason: /zeros of 3 lines above and below serve no more tiles than those of 2/,
    layer: { angles: [45] },
    params: { inner: 4, order: 0 },
  },
  {
    rule: 'warps-idle',
    reason: /18 runs of tiles for 31 warps/,
    layer: { height: 6, width: 6, kernel: 5 },
    params: { tiles: 6, warps: 31, bands: 3, producer: 0 },
  },
  { rule: 'shared-memory', reason: /2 of 208128 bytes do not fit.*holds 1$/, params: { resident: 2 } },
  { rule: 'shared-memory', reason: /holds 0$/, target: cuda('sm_120') },
  // Zeros of three rows above and below do fit.
  {
    rule: 'shared-memory',
    reason: /1 of 241024 bytes do not fit.*holds 0$/,
    layer: { angles: [22.5] },
    params: { inner: 6, order: 0 },
  },
  {
    rule: 'idle-memory',
    reason: /1 leave half of the shared memory idle, which holds 2/,
    layer: { height: 28 },
    params: { bands: 2, tiles: 4 },
  },
  { rule: 'registers', reason: /needs about 101 registers and has 96/, params: { warps: 19 } },
  { rule: 'warps-step', reason: /one warp more than 15 a block .* 128/, params: { warps: 14 } },
  { rule: 'products', reason: /12544 products/, params: { images: 120 } },
  {
    rule: 'program-length',
    reason: /straight-line/,
    layer: { kernel: 31, height: 224, width: 4 },
    params: { tiles: 1, bands: 4, skip: 2 },
  },
];

describe('schedules of cuda_ring_grad are refused', () => {
  it('but not this one', () => {
    expect(schedule(problem(layer), cuda('sm_90'), 'cuda_ring_grad', legal).kind).toBe('schedule');
    expect(schedule(problem(layer), cuda('sm_90a'), 'cuda_ring_grad', legal).kind).toBe('schedule');
    const straight = { ...legal, tiles: 2, shared: 1, ahead: 0, skip: 2 };
    expect(schedule(problem(layer), cuda('sm_90'), 'cuda_ring_grad', straight)).toMatchObject({
      kind: 'schedule',
    });
  });

  it.each(CASES)('by the rule $rule: $reason', ({ rule, reason, layer: change, target, params }) => {
    const made = schedule(problem({ ...layer, ...change }), target ?? cuda('sm_90'), 'cuda_ring_grad', {
      ...legal,
      ...params,
    });
    expect(made).toMatchObject({ kind: 'refusal', rule, reason: expect.stringMatching(reason) });
  });

  it('by every rule that there is', () => {
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(
      family('cuda_ring_grad')
        .rules.map(({ id }) => id)
        .filter((id) => !tested.has(id)),
    ).toEqual([]);
  });
});
