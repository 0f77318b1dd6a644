import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineGradPlan, stageBytes, stagesOf } from '../../../generator/families/cuda_line_grad/plan.js';
import type { Params } from '../../../generator/families/family.js';
import { type Op, PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { Target } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90: Target = { kind: 'cuda', arch: 'sm_90' };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(schedule(problem({ layout: 'nhwc', ...spec }), SM_90, 'cuda_line_grad', params));
}

const GOLDEN: readonly Schedule[] = [
  // Columns of 7 that 2 tiles of 4 do not fill; two blocks of an image in step.
  legal(
    { op: 'backward', height: 7, width: 3, kernel: 5, angles: [90], channels: 64 },
    { tiles: 2, warps: 3, images: 2, lag: 1 },
  ),
  legal(
    { op: 'wgrad', height: 2, width: 6, kernel: 3, angles: [0, 180], channels: 64 },
    { tiles: 2, warps: 2, images: 2, lag: 0 },
  ),
];

describe.each(GOLDEN.map((made) => [made.name, made] as const))('%s', (name, made) => {
  it('has its text', async () => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
  });

  it('is found by its name', () => expect(parseKernelName(name, SM_90)).toEqual(made));
});

it('is launched with maps of x and dy, of whose boxes a column is one, with what its last tile sticks out by', () => {
  const { launch } = source(GOLDEN[0]!);
  const map = { kind: 'tensor-map', sizes: [64, 7, 3], steps: [3 * 64, 64], box: [32, 8, 1, 1] };
  expect(launch).toEqual({
    kind: 'launch-plan',
    threads: 128,
    blocks: 2,
    images: 2,
    sharedBytes: 6 * 2 * 8 * 128, // two lines of dy, and of x, a warp
    packedFloats: 6 * 64,
    partial: {
      fixedFloats: 0,
      floatsPerGroup: 6 * 64,
      reduction: { blocks: 12, leastGroups: 1, early: true },
    },
    inputMap: map,
    gradMap: map,
  });
});

it('takes no weights for wgrad, and writes no dx', () => {
  const { text, launch } = source(GOLDEN[1]!);
  expect(launch!.packedFloats).toBe(0);
  expect(text).not.toMatch(/_pack|__stcs|OUT_COLUMN/);
});

it('has stages that fit, and no more than two a warp', () => {
  const layer = { op: 'backward', layout: 'nhwc', kernel: 3, angles: [0], channels: 32 } as const;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 256 }),
      fc.integer({ min: 1, max: 31 }),
      fc.constantFrom('sm_90', 'sm_120'),
      (width, warps, arch) => {
        const target = { kind: 'cuda', arch } as const;
        const plan = lineGradPlan(problem({ ...layer, height: 31, width }), {
          tiles: 1,
          warps,
          images: 1,
          lag: 0,
        });
        const stages = stagesOf(plan, target);
        const shared = arch === 'sm_90' ? 227 << 10 : 99 << 10;
        expect(stages).toBeLessThanOrEqual(2 * warps);
        expect(stages * stageBytes(plan)).toBeLessThan(shared);
        // One more would be too many.
        expect(stages === 2 * warps || (stages + 1) * stageBytes(plan) > shared - 1024).toBe(true);
      },
    ),
  );
});

function candidates(
  op: Op,
  angles: readonly number[],
  change: ProblemSpec | object = {},
): readonly Schedule[] {
  const layer = {
    op,
    layout: 'nhwc',
    height: 56,
    width: 56,
    kernel: 31,
    angles,
    channels: 512,
    batch: 64,
  } as const;
  return space(problem({ ...layer, ...change }), SM_90).candidates;
}

const isOwn = ({ family }: Schedule) => family === 'cuda_line_grad';

it('serves rows, and columns, alone', () => {
  const has = (...layer: Parameters<typeof candidates>) => candidates(...layer).some(isOwn);
  for (const op of ['backward', 'wgrad'] as const) {
    expect(has(op, [0])).toBe(true);
    expect(has(op, [90])).toBe(true);
    expect(has(op, [45])).toBe(false);
    expect(has(op, PAPER_ANGLES)).toBe(false);
    expect(has(op, [0], { channels: 48 })).toBe(false);
  }
  expect(has('fprop', [0])).toBe(false);
});

// docs/gpu-backward.md, "Lines by themselves": those that won.
it.each<readonly [op: Op, size: number, kernel: number, angle: number, params: string]>([
  ['backward', 56, 31, 0, 't8_nw11_i8_l1'],
  ['backward', 56, 31, 90, 't8_nw11_i8_l1'],
  ['wgrad', 56, 31, 90, 't8_nw11_i8_l0'],
  ['wgrad', 56, 7, 0, 't8_nw11_i8_l0'],
  ['backward', 28, 31, 0, 't2_nw11_i8_l2'],
  ['wgrad', 28, 31, 0, 't1_nw15_i8_l0'],
  ['backward', 14, 31, 90, 't1_nw11_i8_l0'],
])('of %s %i K = %i at %i degrees tries %s among the first', (op, size, kernel, angle, params) => {
  const all = candidates(op, [angle], { height: size, width: size, kernel });
  const at = all.findIndex((one) => isOwn(one) && one.name.endsWith(params));
  expect(at).toBeGreaterThanOrEqual(0);
  expect(at).toBeLessThan(25);
  expect(all.filter(isOwn).length).toBeLessThan(40);
});
