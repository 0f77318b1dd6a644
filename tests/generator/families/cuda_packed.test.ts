import { describe, expect, it } from 'vitest';
import { cudaPacked } from '../../../generator/families/cuda_packed/family.js';
import type { Params } from '../../../generator/families/family.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nchw', ...spec }), SM_90, 'cuda_packed', params));
}

const GOLDEN: readonly Schedule[] = [
  legal(
    { height: 8, width: 8, kernel: 3, angles: [45, 90], channels: 6 },
    { shallow: 4, steep: 4, threads: 32, planes: 2, images: 4, band: 0, resident: 8 },
  ),
  legal(
    { height: 20, width: 12, stride: 2, kernel: 5, angles: [67.5], channels: 3 },
    { shallow: 3, steep: 2, threads: 32, planes: 1, images: 1, band: 4, resident: 8 },
  ),
  // Whole rows.
  legal(
    { height: 5, width: 8, kernel: 7, angles: [157.5, 90], channels: 4 },
    { shallow: 8, steep: 2, threads: 32, planes: 2, images: 2, band: 0, resident: 8 },
  ),
];

/** What was measured to be best on an H200, by layer; at K = 7 most are as fast as a copy. */
const MEASURED: readonly (readonly [
  layer: Pick<ProblemSpec, 'height' | 'kernel' | 'stride'>,
  params: string,
])[] = [
  [{ height: 28, kernel: 7 }, 'ts7_tl7_nt128_ni2_i2_b0_m8'],
  [{ height: 56, kernel: 31 }, 'ts7_tl7_nt128_ni1_i2_b0_m8'],
  [{ height: 28, kernel: 31 }, 'ts28_tl7_nt128_ni4_i4_b0_m8'],
  [{ height: 224, kernel: 31, stride: 2 }, 'ts7_tl14_nt256_ni1_i1_b28_m2'],
  [{ height: 224, kernel: 15, stride: 2 }, 'ts7_tl14_nt256_ni1_i1_b28_m2'],
  [{ height: 112, kernel: 31, stride: 2 }, 'ts7_tl14_nt128_ni1_i1_b0_m3'],
  [{ height: 112, kernel: 15, stride: 2 }, 'ts7_tl14_nt256_ni1_i1_b0_m3'],
];

describe('cuda_packed', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    const { text, launch } = source(made);
    expect(parseKernelName(name, SM_90)).toEqual(made);
    expect(launch).toMatchObject({
      threads: 32,
      blocks: made.problem.channels,
      images: made.params.images,
      // Distinct taps and a bias, in whole fours.
      packedFloats: (made.problem.angles.includes(157.5) ? 8 : 4) * made.problem.channels,
    });
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it.each(MEASURED)('of %j tries %s among the first', ({ height, kernel, stride = 1 }, params) => {
    const channels = stride === 1 ? 512 : 64;
    const layer = { height, width: height, kernel, stride, angles: PAPER_ANGLES, channels, batch: 64 };
    const { candidates } = space(problem({ layout: 'nchw', ...layer }), SM_90);
    const own = candidates.filter(({ family }) => family === 'cuda_packed').map(({ name }) => name);
    expect(own.findIndex((name) => name.endsWith(`cuda_packed_${params}`))).toBeOneOf(
      Array.from({ length: 16 }, (_, i) => i),
    );
    expect(own.length).toBeLessThan(110);
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
        const layer = problem({ layout: 'nchw', height, width, kernel: 7, angles: [0, 30], channels: 2 });
        const axes = Object.entries(cudaPacked.axes(layer, { kind: 'cuda', arch }));
        const names = space(layer, { kind: 'cuda', arch }).candidates.filter(
          ({ family }) => family === 'cuda_packed',
        );
        expect(axes.every(([, values]) => values.length > 0)).toBe(true);
        expect(names.length, `${height}x${width} ${arch}`).toBeGreaterThan(0);
      }
  });
});
