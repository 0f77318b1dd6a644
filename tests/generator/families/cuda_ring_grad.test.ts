import { describe, expect, it } from 'vitest';
import { ringGradAxes } from '../../../generator/families/cuda_ring_grad/axes.js';
import { cudaRingGrad } from '../../../generator/families/cuda_ring_grad/family.js';
import type { Params } from '../../../generator/families/family.js';
import { type Op, PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nhwc', ...spec }), SM_90, 'cuda_ring_grad', params));
}

const GOLDEN: readonly Schedule[] = [
  // Weights in registers, x ahead, directions slowest, a producer.
  legal(
    { op: 'backward', height: 6, width: 6, kernel: 5, angles: [0, 112.5], channels: 64 },
    {
      channels: 32,
      tiles: 2,
      warps: 2,
      resident: 9,
      images: 2,
      bands: 3,
      depth: 1,
      shared: 0,
      ahead: 1,
      skip: 0,
      order: 1,
      producer: 1,
    },
  ),
  // A line of 5 that 2 tiles of 3 do not fill, weights in shared memory.
  legal(
    { op: 'backward', height: 4, width: 5, kernel: 5, angles: [157.5], channels: 32 },
    {
      channels: 16,
      tiles: 2,
      warps: 2,
      resident: 14,
      images: 1,
      bands: 2,
      depth: 1,
      shared: 1,
      ahead: 1,
      skip: 0,
      order: 0,
      producer: 0,
    },
  ),
  // Straight tiles, whose lines have weights of their own.
  legal(
    { op: 'backward', height: 4, width: 5, kernel: 7, angles: [157.5], channels: 32 },
    {
      channels: 16,
      tiles: 1,
      warps: 2,
      resident: 14,
      images: 1,
      bands: 2,
      depth: 1,
      shared: 1,
      ahead: 0,
      skip: 2,
      order: 0,
      producer: 0,
    },
  ),
  // Two planes, and lines that are skipped.
  legal(
    { op: 'wgrad', height: 6, width: 6, kernel: 5, angles: [45, 90], channels: 32 },
    {
      channels: 16,
      tiles: 2,
      warps: 2,
      resident: 7,
      images: 4,
      bands: 3,
      depth: 2,
      shared: 0,
      ahead: 1,
      skip: 1,
      order: 1,
      producer: 0,
    },
  ),
  // Steep lines alone: bands of columns.
  legal(
    { op: 'backward', height: 5, width: 6, kernel: 5, angles: [112.5], channels: 32 },
    {
      channels: 16,
      tiles: 1,
      warps: 2,
      resident: 13,
      images: 2,
      bands: 3,
      depth: 1,
      shared: 0,
      ahead: 1,
      skip: 1,
      order: 0,
      producer: 1,
    },
  ),
  // Two blocks of an image in step, beside whose dy x comes near.
  legal(
    { op: 'backward', height: 6, width: 6, kernel: 5, angles: [22.5], channels: 32 },
    {
      channels: 16,
      tiles: 1,
      warps: 2,
      resident: 13,
      images: 2,
      bands: 3,
      depth: 1,
      shared: 0,
      ahead: 1,
      skip: 0,
      order: 0,
      producer: 1,
      lag: 1,
    },
  ),
  // Runs of two tiles, of which those inside have code of their own.
  legal(
    { op: 'backward', height: 12, width: 6, kernel: 5, angles: [45], channels: 32 },
    {
      channels: 16,
      tiles: 2,
      warps: 2,
      resident: 12,
      images: 2,
      bands: 3,
      depth: 1,
      shared: 0,
      ahead: 1,
      skip: 0,
      order: 0,
      producer: 1,
      run: 2,
      inner: 1,
    },
  ),
  // The same with zeros above and below two planes.
  legal(
    { op: 'backward', height: 12, width: 6, kernel: 5, angles: [45], channels: 32 },
    {
      channels: 16,
      tiles: 2,
      warps: 2,
      resident: 5,
      images: 2,
      bands: 3,
      depth: 2,
      shared: 0,
      ahead: 1,
      skip: 0,
      order: 0,
      producer: 0,
      run: 1,
      inner: 2,
    },
  ),
  // Runs without x ahead.
  legal(
    { op: 'wgrad', height: 6, width: 6, kernel: 5, angles: [0], channels: 32 },
    {
      channels: 32,
      tiles: 2,
      warps: 2,
      resident: 9,
      images: 2,
      bands: 3,
      depth: 1,
      shared: 0,
      ahead: 0,
      skip: 0,
      order: 0,
      producer: 1,
      run: 2,
    },
  ),
];

describe.each(GOLDEN.map((made) => [made.name, made] as const))('%s', (name, made) => {
  it('has its text', async () => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it('is found by its name', () => expect(parseKernelName(name, SM_90)).toEqual(made));
});

it('is launched with a map of dy, of whose boxes a band is one', () => {
  const { launch } = source(GOLDEN[0]!);
  expect(launch).toEqual({
    kind: 'launch-plan',
    threads: 96,
    blocks: 2,
    images: 2,
    sharedBytes: 4 * 32 * 7 * 7, // the plane and zeros behind it
    packedFloats: 6 * 64,
    partial: {
      fixedFloats: 0,
      floatsPerGroup: 6 * 64,
      reduction: { blocks: 12, leastGroups: 1, early: true },
    },
    gradMap: { kind: 'tensor-map', sizes: [64, 6, 6], box: [32, 7, 2, 1] },
  });
});

// docs/gpu-backward.md, "Lines of the second-level cache".
it.each([
  [16, 1, true],
  [16, 0, false],
  [32, 1, false],
  [32, 0, false],
] as const)('with %i channels and %i producers brings x near: %s', (channels, producer, near) => {
  const { params } = GOLDEN[0]!;
  const layer = { op: 'wgrad', height: 6, width: 6, kernel: 5, angles: [0, 112.5], channels: 64 } as const;
  const { text, launch } = source(legal(layer, { ...params, channels, producer }));
  expect(launch!.inputMap).toEqual(near ? launch!.gradMap : undefined);
  expect(text.includes('TensorMap input_map')).toBe(near);
});

it('takes no weights for wgrad', () => {
  const { text, launch } = source(GOLDEN[3]!);
  expect(launch!.packedFloats).toBe(0);
  expect(text).not.toContain('_pack');
});

function ownSchedules(op: Op, size: number, kernel: number, angles = PAPER_ANGLES): readonly string[] {
  const layer = { op, height: size, width: size, kernel, angles, channels: 512, batch: 64 };
  const { candidates } = space(problem({ layout: 'nhwc', ...layer }), SM_90);
  return candidates.filter(({ family }) => family === 'cuda_ring_grad').map(({ name }) => name);
}

/** One with these parameters is among the first. */
function expectAmong(own: readonly string[], params: string, first: number): void {
  const at = own.findIndex((name) => name.endsWith(`cuda_ring_grad_${params}`));
  expect(at).toBeGreaterThanOrEqual(0);
  expect(at).toBeLessThan(first);
}

// docs/gpu-backward.md: what was measured to be fast, with eight directions in one launch.
it.each<readonly [op: Op, size: number, params: string]>([
  ['backward', 56, 'c16_t4_nw15_m1_i16_b4_d1_w1_x1_s0_o1_p1'],
  ['wgrad', 56, 'c16_t4_nw27_m1_i16_b4_d1_w0_x0_s0_o1_p1'],
  ['backward', 28, 'c32_t1_nw16_m1_i8_b2_d2_w1_x0_s2_o1_p0'],
  ['wgrad', 28, 'c32_t2_nw28_m1_i8_b1_d2_w0_x0_s0_o1_p0'],
  ['backward', 14, 'c32_t1_nw8_m2_i4_b1_d2_w1_x1_s2_o1_p0'],
  ['wgrad', 14, 'c32_t1_nw12_m2_i4_b1_d2_w0_x1_s1_o1_p0'],
])('of %s %i K = 31 tries %s early', (op, size, params) => {
  const own = ownSchedules(op, size, 31);
  expectAmong(own, params, 40);
  expect(own.length).toBeLessThan(1300);
});

// The same, "Runs": what is published of one direction.
it.each<readonly [op: Op, size: number, angle: number, params: string]>([
  ['backward', 56, 0, 'c16_t4_nw11_m1_i16_b7_d1_w0_x1_s0_o0_p1_l1_r4'],
  ['backward', 56, 22.5, 'c16_t8_nw15_m1_i16_b7_d1_w0_x1_s0_o0_p1_l1_r4_n4'],
  ['backward', 56, 45, 'c16_t8_nw19_m1_i16_b7_d1_w0_x1_s0_o0_p1_l1_r4_n3'],
  ['wgrad', 56, 90, 'c16_t4_nw19_m1_i16_b7_d1_w0_x1_s0_o0_p1_l2_r2'],
  ['backward', 28, 22.5, 'c32_t2_nw16_m1_i8_b2_d2_w0_x1_s2_o0_p0_r2'],
])('of %s %i K = 31 at %d degrees tries %s early', (op, size, angle, params) => {
  const own = ownSchedules(op, size, 31, [angle]);
  expectAmong(own, params, 100);
  expect(own.length).toBeLessThan(2100);
});

it('has lower costs where fewer lines are looked up or tested', () => {
  const layer = {
    op: 'backward',
    height: 56,
    width: 56,
    kernel: 31,
    angles: [22.5],
    channels: 512,
    batch: 64,
  } as const;
  const common = {
    channels: 16,
    tiles: 8,
    warps: 15,
    resident: 1,
    images: 16,
    bands: 7,
    depth: 1,
    shared: 0,
    ahead: 1,
  };
  const cost = (params: Params) => {
    const made = legal(layer, { ...common, skip: 0, order: 0, producer: 1, ...params });
    return cudaRingGrad.cost(made.problem, made.target, made.params);
  };
  const falling = (costs: readonly number[]) => costs.slice(1).every((one, i) => one < costs[i]!);
  expect(falling([1, 2, 4].map((run) => cost({ run })))).toBe(true);
  expect(falling([0, 1, 4].map((inner) => cost({ inner })))).toBe(true);
});

it('tries few schedules of short kernels, which other families serve better', () => {
  for (const op of ['wgrad', 'backward'] as const)
    for (const size of [14, 28, 56]) {
      const own = ownSchedules(op, size, 7);
      expect(own.length).toBeGreaterThan(0);
      expect(own.length).toBeLessThan(60);
    }
});

it.each<readonly [op: Op, height: number, width: number]>([
  ['wgrad', 41, 42],
  ['backward', 23, 24],
  ['backward', 12, 15],
])('of %s %ix%i at 67.5 degrees tries what it tries of the image', (op, height, width) => {
  const tried = (size: Pick<ProblemSpec, 'height' | 'width'>, angle: number) => {
    const layer = {
      op,
      layout: 'nhwc',
      ...size,
      kernel: 31,
      angles: [angle],
      channels: 512,
      batch: 64,
    } as const;
    return ringGradAxes(problem(layer), SM_90);
  };
  expect(tried({ height, width }, 67.5)).toEqual(tried({ height: width, width: height }, 22.5));
});
