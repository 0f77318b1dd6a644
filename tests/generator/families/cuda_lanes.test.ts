import { describe, expect, it } from 'vitest';
import type { Params } from '../../../generator/families/family.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nchw', ...spec }), SM_90, 'cuda_lanes', params));
}

const GOLDEN: readonly Schedule[] = [
  legal(
    { height: 3, width: 3, kernel: 5, angles: [0, 22.5], channels: 16 },
    { length: 3, lanes: 8, warps: 2, images: 2, copy: 0, resident: 16 },
  ),
  // Planes of 10 floats lie 11 apart.
  legal(
    { height: 5, width: 4, kernel: 3, stride: 2, angles: [45], channels: 5 },
    { length: 2, lanes: 8, warps: 2, images: 1, copy: 4, resident: 16 },
  ),
];

function candidates(size: number, kernel: number, channels = 512): readonly Schedule[] {
  const layer = { height: size, width: size, kernel, angles: PAPER_ANGLES, channels, batch: 64 };
  return space(problem({ layout: 'nchw', ...layer }), SM_90).candidates;
}

describe('cuda_lanes', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    expect(parseKernelName(name, SM_90)).toEqual(made);
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it('is launched with a block for each chunk of channels and images', () => {
    expect(source(GOLDEN[0]!).launch).toEqual({
      kind: 'launch-plan',
      threads: 64,
      blocks: 2,
      images: 2,
      sharedBytes: 4 * 2 * 8 * (9 + 9),
      packedFloats: (5 + 1) * 16,
    });
  });

  it.each([768, 3072])(
    'has a handful of schedules for 7x7 with C = %i, where nothing else has',
    (channels) => {
      const all = candidates(7, 31, channels);
      expect(new Set(all.map(({ family }) => family))).toEqual(new Set(['cuda_lanes']));
      expect(all.length).toBeLessThan(60);
      const first = all.slice(0, 8).map(({ name }) => name.split('__')[1]);
      expect(first).toContain('cuda_lanes_t7_l32_w4_i1_c0_m12');
    },
  );

  it.each([
    [14, 7],
    [14, 31],
    [28, 7],
    [28, 31],
    [56, 31],
  ])('comes after cuda_packed at %i with K = %i', (size, kernel) => {
    expect(candidates(size, kernel)[0]!.family).toBe('cuda_packed');
  });

  it('has a schedule for every plane of up to 60x60, whatever its channels', () => {
    const shapes = [1, 2, 3, 7, 13, 60].flatMap((height) =>
      [1, 5, 7, 60].map((width) => ({ height, width })),
    );
    const refused = shapes.filter(({ height, width }) => {
      const layer = { height, width, kernel: 31, angles: [22.5, 90], channels: width + 2 };
      const { candidates } = space(problem({ layout: 'nchw', ...layer }), SM_90);
      return !candidates.some(({ family }) => family === 'cuda_lanes');
    });
    expect(refused).toEqual([]);
  });
});
