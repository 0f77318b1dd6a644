import { describe, expect, it } from 'vitest';
import { ringAxes } from '../../../generator/families/cuda_ring/axes.js';
import type { Params } from '../../../generator/families/family.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem(spec), SM_90, 'cuda_ring', params));
}

const GOLDEN: readonly Schedule[] = [
  // Tiles along rows of two directions, in slabs of 16 channels.
  legal(
    { height: 8, width: 8, kernel: 5, angles: [0, 135], channels: 64 },
    { channels: 16, tiles: 2, warps: 2, resident: 9, images: 2, bands: 4, depth: 1 },
  ),
  // A line of 5 that 2 tiles of 3 do not fill, in slabs of 32 channels.
  legal(
    { height: 4, width: 5, kernel: 5, angles: [157.5], channels: 32 },
    { channels: 32, tiles: 2, warps: 1, resident: 16, images: 3, bands: 2, depth: 2 },
  ),
  // Steep lines alone: bands of columns.
  legal(
    { height: 5, width: 8, kernel: 5, angles: [67.5], channels: 32 },
    { channels: 16, tiles: 1, warps: 2, resident: 13, images: 2, bands: 4, depth: 1 },
  ),
  // Two blocks of an image in step.
  legal(
    { height: 8, width: 8, kernel: 5, angles: [22.5], channels: 32 },
    { channels: 16, tiles: 2, warps: 2, resident: 9, images: 2, bands: 4, depth: 1, lag: 2 },
  ),
  // Tiles in runs of two.
  legal(
    { height: 8, width: 8, kernel: 5, angles: [22.5], channels: 32 },
    { channels: 16, tiles: 2, warps: 2, resident: 9, images: 2, bands: 4, depth: 1, run: 2 },
  ),
];

describe.each(GOLDEN.map((made) => [made.name, made] as const))('%s', (name, made) => {
  it('has its text', async () => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it('is found by its name', () => expect(parseKernelName(name, SM_90)).toEqual(made));
});

it('has a name without what it leaves away', () => {
  const { name } = GOLDEN[2]!;
  expect(name).toMatch(/_d1$/);
  expect(parseKernelName(name, SM_90).params.lag).toBe(0);
  expect(() => parseKernelName(`${name}_l0`, SM_90)).toThrow(`this kernel's is ${name}`);
  expect(GOLDEN[3]!.name).toMatch(/_d1_l2$/);
});

it('is launched with a map of the input, of whose boxes a band is one', () => {
  const { launch } = source(GOLDEN[0]!);
  expect(launch).toEqual({
    kind: 'launch-plan',
    threads: 3 * 32, // two warps that compute, and one that fetches
    blocks: 4,
    images: 2,
    sharedBytes: 5248, // the plane with zeros behind it, 4 * 16 * 9 * 9, in steps of 128
    packedFloats: 6 * 64,
    inputMap: { kind: 'tensor-map', sizes: [64, 8, 8], box: [16, 9, 2, 1] },
  });
});

it('sees a tensor turned where all lines are steep', () => {
  expect(source(GOLDEN[2]!).launch!.inputMap).toEqual({
    kind: 'tensor-map',
    sizes: [32, 5, 8],
    steps: [8 * 32, 32],
    box: [16, 7, 2, 1],
  });
  // A plane's columns make the bands: 8 are not dealt out to 5, where 5 rows are.
  const five = { channels: 16, tiles: 1, warps: 2, resident: 13, images: 2, bands: 5, depth: 1 };
  const layer = (angle: number) => problem({ height: 5, width: 8, kernel: 5, angles: [angle], channels: 32 });
  expect(schedule(layer(67.5), SM_90, 'cuda_ring', five)).toMatchObject({
    rule: 'bands',
    reason: expect.stringContaining('8 columns are not dealt out to 5 bands of equal size'),
  });
  expect(schedule(layer(22.5), SM_90, 'cuda_ring', { ...five, warps: 1 })).not.toMatchObject({
    rule: 'bands',
  });
});

interface Layer {
  readonly size: number;
  readonly angles: readonly number[];
  readonly kernel?: number;
}

function candidates({ size, angles, kernel = 31 }: Layer): readonly Schedule[] {
  const layer = { height: size, width: size, kernel, angles, channels: 512, batch: 64 };
  return space(problem(layer), SM_90).candidates;
}

const own = (all: readonly Schedule[]) => all.filter(({ family }) => family === 'cuda_ring');

// docs/gpu-kernels.md: what was measured to be fastest.
it.each([22.5, 45, 67.5])('is tried first at 56x56 and %d degrees', (angle) => {
  const all = candidates({ size: 56, angles: [angle] });
  expect(all[0]!.name.split('__')[1]).toBe('cuda_ring_c16_t4_nw23_m1_i16_b7_d1_l2_r2');
  expect(own(all).length).toBeLessThan(80);
});

it('is tried little where others were faster', () => {
  expect(own(candidates({ size: 56, angles: PAPER_ANGLES }))).toEqual([]);
  expect(own(candidates({ size: 56, angles: [45], kernel: 7 })).length).toBeLessThan(5);
  expect(own(candidates({ size: 28, angles: [45] })).length).toBeLessThan(5);
});

it.each([
  [42, 41],
  [41, 42],
  [35, 32],
])('tries at %ix%i and 67.5 degrees what it tries of the image', (height, width) => {
  const tried = (size: Pick<ProblemSpec, 'height' | 'width'>, angle: number) =>
    ringAxes(problem({ ...size, kernel: 31, angles: [angle], channels: 512, batch: 64 }), SM_90);
  expect(tried({ height, width }, 67.5)).toEqual(tried({ height: width, width: height }, 22.5));
});
