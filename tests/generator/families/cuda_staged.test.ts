import { describe, expect, it } from 'vitest';
import type { Params } from '../../../generator/families/family.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import type { CudaTarget } from '../../../generator/target.js';
import { space } from '../../../generator/space.js';

const SM90: CudaTarget = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  const made = schedule(problem(spec), SM90, 'cuda_staged', params);
  if (made.kind === 'refusal') throw new Error(made.reason);
  return made;
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
  ])('$first is tried first at $size with K = $kernel', ({ first, ...layer }) => {
    expect(candidates(layer)[0]!.family).toBe(first);
  });

  it.each<Layer & { among: string }>([
    { size: 56, kernel: 31, among: 'cuda_staged_c16_t4_p0_w18_m1' },
    { size: 56, kernel: 31, angles: [22.5], among: 'cuda_staged_c16_t4_p1_w24_m1' },
    { size: 56, kernel: 31, angles: [45], among: 'cuda_staged_c16_t4_p1_w24_m1' },
    { size: 28, kernel: 31, among: 'cuda_staged_c16_t4_p0_w7_m4' },
  ])('$among is among the first 8 of its family at $size', ({ among, ...layer }) => {
    const ours = candidates(layer).filter(({ family }) => family === 'cuda_staged');
    expect(ours.length).toBeLessThan(60);
    expect(ours.slice(0, 8).map(({ name }) => name.split('__')[1])).toContain(among);
  });
});
