import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cudaDirectGrad } from '../../generator/families/cuda_direct_grad/family.js';
import { type Op, PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import type { Target } from '../../generator/target.js';
import { anyLayer } from '../support/arbitrary.js';
import { wrongGradients } from '../support/wrong_gradients.js';

const KERNELS = 2;
const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };

/** Groups of channels that lanes do not divide, of one channel too many, of eight directions, and many images. */
const LAYERS: readonly Partial<ProblemSpec>[] = [
  { channels: 34, angles: [22.5, 90] },
  { channels: 36, angles: [0, 67.5, 135] },
  { channels: 17, angles: [112.5] },
  { channels: 64, angles: PAPER_ANGLES },
  { channels: 40, batch: 7, angles: [45] },
];

/** Different legal kernels of random layers, the same for the same seed. */
function someKernels(op: Op, stride: number, count: number): readonly Schedule[] {
  const anyCase = fc.tuple(
    anyLayer,
    fc.constantFrom(...LAYERS),
    fc.array(fc.nat(), { minLength: 10, maxLength: 10 }),
  );
  const found = new Map<string, Schedule>();
  for (const [spec, change, picks] of fc.sample(anyCase, { seed: 20231001 + stride, numRuns: 4000 })) {
    if (found.size === count) break;
    const small = { height: Math.min(spec.height, 17), width: Math.min(spec.width, 17) };
    const p = problem({ ...spec, ...small, ...change, layout: 'nhwc', op, stride });
    const axes = Object.entries(cudaDirectGrad.axes(p, TARGET));
    const params = Object.fromEntries(
      axes.map(([key, values], i) => [key, values[picks[i]! % values.length]!]),
    );
    const made = schedule(p, TARGET, 'cuda_direct_grad', params);
    if (made.kind === 'schedule') found.set(made.name, made);
  }
  return [...found.values()];
}

const CASES = [
  ['wgrad', 1],
  ['wgrad', 2],
  ['backward', 1],
  ['backward', 2],
  ['backward', 3],
  ['dgrad', 2],
  ['dgrad', 3],
] as const;

it('cuda_direct_grad is the formula for random layers and schedules, under the sanitizers', async () => {
  const kernels = CASES.flatMap(([op, stride]) => someKernels(op, stride, KERNELS));
  expect(kernels).toHaveLength(CASES.length * KERNELS);
  expect(await wrongGradients(kernels)).toEqual([]);
}, 300_000);
