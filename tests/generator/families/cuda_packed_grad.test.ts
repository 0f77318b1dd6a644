import { describe, expect, it } from 'vitest';
import { cudaPackedGrad } from '../../../generator/families/cuda_packed_grad/family.js';
import {
  packedGrad,
  packedGradBlockShared,
  packedGradPlan,
} from '../../../generator/families/cuda_packed_grad/plan.js';
import type { Params } from '../../../generator/families/family.js';
import { type Op, PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { someCudaKernels } from '../../support/cuda_case.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nchw', ...spec }), SM_90, 'cuda_packed_grad', params));
}

const GOLDEN: readonly Schedule[] = [
  legal(
    { op: 'backward', height: 8, width: 8, kernel: 3, angles: [45, 90], channels: 6 },
    { shallow: 4, steep: 4, threads: 32, planes: 2, images: 4, band: 0, order: 1, depth: 2, resident: 8 },
  ),
  legal(
    { op: 'wgrad', height: 16, width: 8, stride: 2, kernel: 5, angles: [67.5], channels: 3 },
    { shallow: 2, steep: 2, threads: 32, planes: 1, images: 1, band: 4, order: 0, depth: 1, resident: 8 },
  ),
  // Whole rows.
  legal(
    { op: 'backward', height: 5, width: 8, kernel: 7, angles: [157.5, 90], channels: 4 },
    { shallow: 8, steep: 2, threads: 32, planes: 2, images: 4, band: 0, order: 0, depth: 2, resident: 8 },
  ),
];

/** What was measured to be best on an H200, by layer; at K = 7 most others are as fast as a copy. */
const MEASURED: readonly (readonly [op: Op, height: number, kernel: number, params: string])[] = [
  ['wgrad', 28, 7, 'ts7_tl7_nt224_ni4_i64_b0_o0_d2_m4'],
  ['wgrad', 14, 7, 'ts7_tl7_nt160_ni8_i64_b0_o0_d2_m7'],
  ['wgrad', 56, 31, 'ts7_tl14_nt128_ni1_i4_b0_o1_d1_m8'],
  ['backward', 56, 31, 'ts7_tl7_nt128_ni1_i4_b0_o1_d1_m6'],
  ['wgrad', 28, 31, 'ts7_tl7_nt160_ni4_i64_b0_o1_d2_m4'],
  ['backward', 28, 31, 'ts7_tl7_nt96_ni4_i8_b0_o1_d1_m8'],
  ['wgrad', 14, 31, 'ts14_tl14_nt160_ni16_i64_b0_o0_d2_m4'],
  ['backward', 14, 31, 'ts14_tl7_nt160_ni16_i64_b0_o0_d2_m4'],
];

function ownSchedules(spec: ProblemSpec): readonly Schedule[] {
  const { candidates } = space(problem({ layout: 'nchw', ...spec }), SM_90);
  return candidates.filter(({ family }) => family === 'cuda_packed_grad');
}

describe('cuda_packed_grad', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    const { text, launch } = source(made);
    const { op, channels, angles } = made.problem;
    // Distinct taps and a bias in whole fours, which here are powers of two.
    const row = angles.includes(157.5) ? 8 : 4;
    expect(parseKernelName(name, SM_90)).toEqual(made);
    expect(launch).toMatchObject({ threads: 32, blocks: channels, images: made.params.images });
    expect(launch!.packedFloats).toBe(op === 'wgrad' ? 0 : row * channels);
    expect(launch!.partial).toEqual({
      fixedFloats: 0,
      floatsPerGroup: row * channels,
      reduction: { blocks: Math.ceil((row * channels) / 32), leastGroups: 2 },
    });
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it('emits dgrad as fprop is called, without partial sums', () => {
    const layer = {
      op: 'dgrad',
      height: 8,
      width: 16,
      stride: 2,
      kernel: 3,
      angles: [45],
      channels: 6,
    } as const;
    const params = {
      shallow: 4,
      steep: 4,
      threads: 32,
      planes: 1,
      images: 1,
      band: 0,
      order: 0,
      depth: 1,
      resident: 8,
    };
    const { text, launch } = source(legal(layer, params));
    expect(launch).not.toHaveProperty('partial');
    expect(text).not.toContain('partial');
  });

  it.each(MEASURED)('of %s %i K = %i tries %s among the first', (op, height, kernel, params) => {
    const layer = { op, height, width: height, kernel, angles: PAPER_ANGLES, channels: 512, batch: 64 };
    const own = ownSchedules(layer).map(({ name }) => name);
    expect(own.findIndex((name) => name.endsWith(`cuda_packed_grad_${params}`))).toBeOneOf(
      Array.from({ length: 24 }, (_, i) => i),
    );
    expect(own.length).toBeLessThan(800);
  });

  it('counts all shared memory that its text takes: buffers, their barriers, and sums over the block', () => {
    // Of a step a row, so that there are more of them than a line of memory has room for barriers.
    const rows = {
      shallow: 1,
      steep: 1,
      threads: 32,
      planes: 1,
      images: 1,
      band: 1,
      order: 0,
      depth: 20,
      resident: 8,
    };
    const long = legal({ op: 'wgrad', height: 20, width: 4, kernel: 3, angles: [45] }, rows);
    const some = someCudaKernels('cuda_packed_grad', 12, 11, ['wgrad', 'backward', 'dgrad'], 200);
    for (const made of [long, ...some]) {
      const { text, launch } = source(made);
      const slots = Number(/ SLOTS = (\d+)/.exec(text)?.[1] ?? 0);
      const sums = ((made.params.threads as number) / 32) * slots * 4;
      expect([...text.matchAll(/__shared__ (?!__align__)(?!double)/g)], made.name).toHaveLength(
        slots > 0 ? 2 : 1,
      );
      const counted = packedGradBlockShared(packedGradPlan(made.problem, packedGrad(made.params)));
      expect(counted - launch!.sharedBytes - sums, made.name).toBe(
        128 * Math.ceil((8 * made.params.depth!) / 128),
      );
    }
    expect(new Set(some.map(({ problem: { op } }) => op)).size).toBe(3);
  });

  it('serves strided layers whose planes do not fit shared memory in bands', () => {
    for (const op of ['wgrad', 'backward', 'dgrad'] as const) {
      const layer = {
        op,
        height: 224,
        width: 224,
        stride: 2,
        kernel: 7,
        angles: [22.5],
        channels: 64,
        batch: 64,
      };
      const own = ownSchedules(layer);
      expect(own.length).toBeGreaterThan(0);
      expect(own.every(({ params }) => params.band! > 0)).toBe(true);
    }
  });

  it('has a schedule for every plane of whole 16 bytes, as small as can be', () => {
    for (const [height, width] of [
      [1, 4],
      [4, 1],
      [2, 2],
      [6, 6],
      [3, 100],
      [150, 128],
      [1, 4096],
    ] as const)
      for (const arch of ['sm_75', 'sm_90', 'sm_120']) {
        const layer = {
          op: 'backward',
          layout: 'nchw',
          height,
          width,
          kernel: 7,
          angles: [0, 30],
          channels: 2,
        } as const;
        const target = { kind: 'cuda', arch } as const;
        const axes = Object.values(cudaPackedGrad.axes(problem(layer), target));
        const names = space(problem(layer), target).candidates.filter(
          ({ family }) => family === 'cuda_packed_grad',
        );
        expect(axes.every((values) => values.length > 0)).toBe(true);
        expect(names.length, `${height}x${width} ${arch}`).toBeGreaterThan(0);
      }
  });
});
