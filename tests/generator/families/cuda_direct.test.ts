import { describe, expect, it } from 'vitest';
import { PAPER_ANGLES, problem } from '../../../generator/problem.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

interface Measured {
  readonly size: number;
  readonly kernel: number;
  readonly channels?: number;
  readonly stride?: number;
  readonly best: string;
}

/** What was measured to be best on an H100, of direct kernels: docs/gpu-kernels.md. */
const MEASURED: readonly Measured[] = [
  { size: 56, kernel: 7, best: 't7_v2_l32_a2_b4_m4' },
  { size: 28, kernel: 7, best: 't7_v2_l32_a2_b4_m4' },
  { size: 14, kernel: 7, best: 't7_v2_l32_a2_b2_m8' },
  { size: 14, kernel: 31, best: 't14_v2_l32_a1_b4_m5' },
  { size: 7, kernel: 31, channels: 768, best: 't7_v1_l32_a1_b2_m16' },
  { size: 7, kernel: 31, channels: 3072, best: 't7_v2_l32_a1_b4_m8' },
  { size: 224, kernel: 31, channels: 64, stride: 2, best: 't23_v1_l8_a5_b2_m1' },
  { size: 224, kernel: 15, channels: 64, stride: 2, best: 't23_v1_l8_a5_b2_m1' },
  { size: 112, kernel: 31, channels: 64, stride: 2, best: 't28_v1_l8_a2_b2_m2' },
  { size: 112, kernel: 15, channels: 64, stride: 2, best: 't14_v1_l8_a4_b2_m2' },
];

describe('cuda_direct', () => {
  it.each(MEASURED)('tries $best among the first 8 at $size with K = $kernel', ({ size, best, ...rest }) => {
    const layer = { height: size, width: size, angles: PAPER_ANGLES, channels: 512, batch: 64, ...rest };
    const names = space(problem(layer), SM_90).candidates.map(({ name }) => name.split('__')[1]);
    expect(names.slice(0, 8)).toContain(`cuda_direct_${best}`);
    expect(names.filter((name) => name!.startsWith('cuda_direct')).length).toBeLessThan(100);
  });

  it.each([
    [96, { kernel: 31, angles: PAPER_ANGLES }, true], // 12 channels of 4 bytes a direction
    [64, { kernel: 31, angles: PAPER_ANGLES }, false],
    [12, { kernel: 7, filter: 'square' }, false], // one direction has them all
  ] as const)('of %i channels with %o asks for whole lines: %s', (channels, filter, whole) => {
    const layer = problem({ height: 56, width: 56, channels, ...filter });
    const made = space(layer, SM_90).candidates.find(({ family }) => family === 'cuda_direct');
    expect(source(made!).text.includes('ld.global.nc.L2::128B')).toBe(whole);
  });

  it('has a schedule for every shape and any number of channels', () => {
    const shapes = [1, 2, 5, 7, 40, 113].flatMap((height) =>
      [1, 3, 9, 64].map((width) => ({ height, width })),
    );
    const refused = shapes.filter(({ height, width }) => {
      const layer = problem({ height, width, kernel: 31, angles: [22.5, 90], channels: height, stride: 1 });
      return space(layer, SM_90).candidates.length === 0;
    });
    expect(refused).toEqual([]);
  });
});
