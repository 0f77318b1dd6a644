import { describe, expect, it } from 'vitest';
import { cudaStaged } from '../../../generator/families/cuda_staged/family.js';
import { teamLines, teamOf } from '../../../generator/families/cuda_staged/team.js';
import type { Params } from '../../../generator/families/family.js';
import { BANKS } from '../../../generator/families/multiprocessor.js';
import { planeBox } from '../../../generator/families/plane_box.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { CudaTarget } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM90: CudaTarget = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem(spec), SM90, 'cuda_staged', params));
}

const GOLDEN: readonly Schedule[] = [
  legal(
    { height: 6, width: 6, kernel: 5, angles: [0, 112.5], channels: 32 },
    { channels: 16, tiles: 2, places: 0, warps: 2, resident: 16 },
  ),
  // A line of 5 that 2 tiles of 3 do not fill.
  legal(
    { height: 4, width: 5, kernel: 5, angles: [157.5], channels: 32 },
    { channels: 32, tiles: 2, places: 1, warps: 1, resident: 16 },
  ),
  // Two teams of three warps, each with 8 lines of 12 channels.
  legal(
    { height: 20, width: 19, kernel: 5, angles: [0, 112.5], channels: 24 },
    { channels: 12, tiles: 5, places: 0, warps: 6, resident: 7 },
  ),
];

describe.each(GOLDEN.map((made) => [made.name, made] as const))('%s', (name, made) => {
  it('has its text', async () => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it('is found by its name', () => expect(parseKernelName(name, SM90)).toEqual(made));
});

it('is launched with a map of the input, of whose boxes a block takes one', () => {
  const { launch } = source(GOLDEN[1]!);
  expect(launch).toEqual({
    kind: 'launch-plan',
    threads: 32,
    blocks: 1,
    images: 1,
    sharedBytes: 4 * 32 * 7 * 5 + 8, // the box and the barrier
    packedFloats: 4 * 32,
    inputMap: { kind: 'tensor-map', sizes: [32, 5, 4], box: [32, 7, 5, 1] },
  });
});

it('deals out a block to whole teams, and its lines to them', () => {
  const { launch } = source(GOLDEN[2]!);
  expect(launch).toMatchObject({ threads: 6 * 32, blocks: 2 });
  expect(launch!.inputMap).toMatchObject({ sizes: [24, 19, 20], box: [12, 21, 21, 1] });
});

/** Channels of a block that rules allow. */
const SLABS = [8, 12, 16, 24, 32, 48];

describe.each(SLABS)('a team for %i channels', (channels) => {
  const threads = 32 * teamOf(channels);

  it('has no idle lane, and no warp too many', () => {
    expect(threads).toBe(teamLines(channels) * channels);
    for (let warps = 1; warps < teamOf(channels); warps++) expect((32 * warps) % channels).not.toBe(0);
  });

  // What ConvNeXt tiny's planes are staged with; other sizes wait for a bank twice at times.
  it.each(
    [
      [56, 8],
      [56, 12],
      [28, 24],
      [14, 48],
    ].filter(([, of]) => of === channels),
  )('reads lines of %i pixels from as many banks as lanes', (size) => {
    const { columns } = planeBox({ height: size!, width: size! }, channels, 1);
    for (const pitch of [1, columns])
      for (let warp = 0; warp < teamOf(channels); warp++) {
        const banks = Array.from({ length: 32 }, (_, lane) => {
          const thread = 32 * warp + lane;
          return (Math.floor(thread / channels) * pitch * channels + (thread % channels)) % BANKS;
        });
        expect(new Set(banks).size).toBe(32);
      }
  });
});

it('offers widths of teams only where groups are no multiples of 32 channels', () => {
  const offered = (channels: number, size = 28) =>
    cudaStaged.axes(problem({ height: size, width: size, kernel: 31, angles: PAPER_ANGLES, channels }), SM90)
      .channels;
  expect(offered(512)).toEqual([16, 32]);
  expect(offered(128)).toEqual([16, 32]);
  expect(offered(384)).toEqual([16, 32, 24, 48]);
  expect(offered(192)).toEqual([16, 32, 24]);
  // A plane of 24 channels does not fit.
  expect(offered(192, 56)).toEqual([16, 32, 12, 8]);
  expect(offered(96)).toEqual([16, 32, 12]);
  expect(offered(80)).toEqual([16, 32]);
});

interface Layer {
  readonly size: number;
  readonly kernel: number;
  readonly channels?: number;
  readonly angles?: readonly number[];
}

function candidates({ size, kernel, channels = 512, angles = PAPER_ANGLES }: Layer): readonly Schedule[] {
  const layer = problem({ height: size, width: size, kernel, angles, channels, batch: 64 });
  return space(layer, SM90).candidates;
}

// docs/gpu-kernels.md: what was measured to be fastest.
describe('of all candidates for an H100', () => {
  it.each<Layer & { first: string }>([
    { size: 56, kernel: 7, first: 'cuda_direct' },
    { size: 28, kernel: 7, first: 'cuda_direct' },
    { size: 14, kernel: 7, first: 'cuda_direct' },
    { size: 7, kernel: 7, channels: 768, first: 'cuda_direct' },
    { size: 56, kernel: 31, first: 'cuda_staged' },
    { size: 28, kernel: 31, first: 'cuda_staged' },
    { size: 14, kernel: 31, first: 'cuda_direct' },
    { size: 7, kernel: 31, channels: 768, first: 'cuda_direct' },
    { size: 7, kernel: 31, channels: 3072, first: 'cuda_direct' },
    // Directions of 12 and of 24 channels, as ConvNeXt tiny has them.
    { size: 56, kernel: 31, channels: 96, first: 'cuda_staged' },
    { size: 28, kernel: 31, channels: 192, first: 'cuda_staged' },
    { size: 28, kernel: 15, channels: 192, first: 'cuda_staged' },
  ])('$first is tried first at $size with K = $kernel', ({ first, ...layer }) => {
    expect(candidates(layer)[0]!.family).toBe(first);
  });

  it.each<Layer & { among: string }>([
    { size: 56, kernel: 31, among: 'cuda_staged_c16_t4_p0_w18_m1' },
    { size: 56, kernel: 31, angles: [22.5], among: 'cuda_staged_c16_t4_p1_w24_m1' },
    { size: 56, kernel: 31, angles: [45], among: 'cuda_staged_c16_t4_p1_w24_m1' },
    { size: 28, kernel: 31, among: 'cuda_staged_c16_t4_p0_w7_m4' },
    { size: 56, kernel: 31, channels: 96, among: 'cuda_staged_c12_t4_p0_w24_m1' },
    { size: 28, kernel: 31, channels: 192, among: 'cuda_staged_c24_t2_p0_w12_m2' },
  ])('$among is among the first 8 of its family at $size', ({ among, ...layer }) => {
    const ours = candidates(layer).filter(({ family }) => family === 'cuda_staged');
    expect(ours.length).toBeLessThan(60);
    expect(ours.slice(0, 8).map(({ name }) => name.split('__')[1])).toContain(among);
  });
});
