import { describe, expect, it } from 'vitest';
import type { Params } from '../../../generator/families/family.js';
import { partialFloats } from '../../../generator/launch.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };
const PARAMS = {
  length: 2,
  vector: 1,
  lanes: 8,
  along: 1,
  across: 2,
  steps: 1,
  images: 1,
  resident: 16,
  shared: 0,
  order: 0,
};

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(
    schedule(problem({ layout: 'nhwc', ...spec }), SM_90, 'cuda_direct_grad', {
      ...PARAMS,
      ...params,
    }),
  );
}

const GOLDEN: readonly Schedule[] = [
  legal(
    { op: 'wgrad', height: 8, width: 8, kernel: 3, angles: [45], channels: 8 },
    { along: 4, across: 1, steps: 2, resident: 8 },
  ),
  legal(
    { op: 'backward', height: 16, width: 12, kernel: 3, angles: [0, 67.5], channels: 32, stride: 2 },
    { length: 3, vector: 2, across: 2, images: 2, resident: 14 },
  ),
  legal(
    { op: 'dgrad', height: 5, width: 4, kernel: 5, angles: [22.5], channels: 5, stride: 2 },
    { across: 1, resident: 32 },
  ),
];

describe('cuda_direct_grad', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
    expect(parseKernelName(name, SM_90)).toEqual(made);
  });

  it('takes weights where it computes dx, and partial sums where it computes dw', () => {
    const [wgrad, backward, dgrad] = GOLDEN.map((made) => source(made).launch!);
    expect(wgrad!.packedFloats).toBe(0);
    expect(partialFloats(wgrad!, 3)).toBeGreaterThan(0);
    expect(backward!.packedFloats).toBe(4 * 32);
    expect(partialFloats(backward!, 3)).toBeGreaterThan(0);
    expect(dgrad!.packedFloats).toBeGreaterThan(0);
    expect(dgrad!.partial).toBeUndefined();
  });

  it.each([
    ['wgrad', 56, 7, 512, 1],
    ['backward', 14, 31, 512, 1],
    ['backward', 7, 31, 768, 1],
    ['backward', 112, 31, 64, 2],
    ['dgrad', 112, 15, 64, 2],
  ] as const)(
    'has some schedules, not thousands, for %s of %i with K = %i',
    (op, size, kernel, channels, stride) => {
      const layer = {
        op,
        height: size,
        width: size,
        kernel,
        channels,
        stride,
        angles: PAPER_ANGLES,
        batch: 64,
      };
      const { candidates } = space(problem(layer), SM_90);
      const own = candidates.filter(({ family }) => family === 'cuda_direct_grad');
      expect(own.length).toBeGreaterThan(10);
      expect(own.length).toBeLessThan(250);
    },
    60_000,
  );
});
