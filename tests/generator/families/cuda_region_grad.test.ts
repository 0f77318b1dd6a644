import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../generator/families/cuda_region_grad/layout.js';
import {
  phaseInstructions,
  phasesOf,
  tileInstructions,
} from '../../../generator/families/cuda_region_grad/phase.js';
import { regionGrad, regionGradPlan } from '../../../generator/families/cuda_region_grad/plan.js';
import { slabKinds } from '../../../generator/families/cuda_region_grad/slab_kind.js';
import type { Params } from '../../../generator/families/family.js';
import { partialFloats } from '../../../generator/launch.js';
import { PAPER_ANGLES, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import type { parseTarget } from '../../../generator/target.js';
import { notRefused } from '../../support/not_refused.js';

const SM_90 = { kind: 'cuda', arch: 'sm_90' } as const;
const PARAMS = { length: 2, rows: 2, columns: 4, warps: 8, producers: 0, apart: 0, images: 1, pieces: 1 };
const STEM: ProblemSpec = {
  op: 'backward',
  layout: 'nhwc',
  height: 224,
  width: 224,
  stride: 2,
  kernel: 31,
  angles: PAPER_ANGLES,
  channels: 64,
  batch: 64,
};
const TUNED = { length: 7, rows: 14, columns: 14, warps: 24, producers: 0, apart: 0, images: 64, pieces: 33 };

function legal(spec: ProblemSpec, params: Params): Schedule {
  return notRefused(
    schedule(problem({ layout: 'nhwc', ...spec }), SM_90, 'cuda_region_grad', {
      ...PARAMS,
      ...params,
    }),
  );
}

const GOLDEN: readonly Schedule[] = [
  legal(
    { op: 'wgrad', height: 8, width: 12, kernel: 3, angles: [0, 67.5], channels: 16, stride: 2 },
    { images: 2, pieces: 2 },
  ),
  legal(
    { op: 'backward', height: 9, width: 7, kernel: 3, angles: [45, 90], channels: 16, stride: 2 },
    { producers: 2, apart: 1 },
  ),
  legal(
    { op: 'dgrad', height: 8, width: 8, kernel: 5, angles: [22.5, 135], channels: 16, stride: 2 },
    { producers: 2, columns: 2 },
  ),
  // Slabs of two kinds, and lines that stick out further than margins.
  legal(
    { op: 'dgrad', height: 20, width: 20, kernel: 3, angles: [45, 0, 90, 135], channels: 32, stride: 2 },
    { length: 5, rows: 5, columns: 5, grouped: 1, step: 1 },
  ),
  legal(
    { op: 'wgrad', height: 8, width: 8, kernel: 3, angles: [0, 45, 90, 135], channels: 32, stride: 2 },
    { step: 2 },
  ),
];

describe('cuda_region_grad', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cu`);
    expect(parseKernelName(name, SM_90)).toEqual(made);
  });

  it('takes weights where it computes dx, and partial sums where it computes dw', () => {
    const [wgrad, backward, dgrad] = GOLDEN.map((made) => source(made).launch!);
    expect(wgrad!.packedFloats).toBe(0);
    // A row of each block, of three taps and the bias, for each group of two images.
    expect(partialFloats(wgrad!, 3)).toBe(2 * 2 * 4 * 16);
    expect(backward!.packedFloats).toBe(4 * 16);
    expect(partialFloats(backward!, 3)).toBe(3 * 4 * 16);
    expect(partialFloats(dgrad!, 3)).toBe(0);
  });

  it('has one block a multiprocessor', () => {
    const { launch } = source(legal(STEM, TUNED));
    expect(launch).toMatchObject({ threads: 24 * 32, blocks: 4 * 33, images: 64 });
  });

  it('is tried before all others for gradients of directions of 8 channels, and not for any other', () => {
    const families = (spec: Partial<ProblemSpec>, target = SM_90 as ReturnType<typeof parseTarget>) =>
      space(problem({ ...STEM, ...spec }), target).candidates.map(({ family }) => family);
    expect(families({})[0]).toBe('cuda_region_grad');
    expect(families({ channels: 512, height: 56, width: 56, stride: 1 })).not.toContain('cuda_region_grad');
    expect(families({ channels: 96 })).not.toContain('cuda_region_grad');
    // Two regions are more shared memory than an A100 has.
    expect(families({}, { kind: 'cuda', arch: 'sm_80' })).not.toContain('cuda_region_grad');
  });
});

describe('phasesOf', () => {
  const plan = regionGradPlan(problem(STEM), regionGrad(TUNED));

  it('gives each part that a tap meets warps of its own, and all warps something to do', () => {
    for (const { bodies, phases } of plan.kinds) {
      const met = bodies.flatMap(({ parts }) => parts.filter(({ slots }) => slots.length > 0));
      expect(phases.map(({ part }) => part)).toEqual(met);
      expect(phases.map(({ first }) => first)).toEqual(
        phases.map((_, i) => phases.slice(0, i).reduce((sum, { warps }) => sum + warps, 0)),
      );
      expect(phases.reduce((sum, { warps }) => sum + warps, 0)).toBe(24);
    }
  });

  it.each([8, 16, 24, 28])('shares %d warps out so that no other way makes the slowest faster', (warps) => {
    for (const { bodies } of plan.kinds) {
      const phases = phasesOf(bodies, warps, plan.gradients, 1);
      const cost = ({ part }: (typeof phases)[number]) => tileInstructions(part.program, plan.gradients);
      // The fewest warps by which all are done in that time.
      const enough = (time: number) =>
        phases.reduce((sum, phase) => {
          const tiles = Math.floor(time / cost(phase));
          return sum + (tiles === 0 ? Number.POSITIVE_INFINITY : Math.ceil(phase.tasks / tiles));
        }, 0);
      const slowest = Math.max(...phases.map((phase) => phaseInstructions(phase, plan.gradients)));
      expect(enough(slowest)).toBeLessThanOrEqual(warps);
      expect(enough(slowest - 1)).toBeGreaterThan(warps);
    }
  });
});

describe('phasesOf of several schedulers', () => {
  const grouped = regionGradPlan(problem(STEM), regionGrad({ ...TUNED, grouped: 1 }));

  it.each(grouped.kinds.map(({ phases }) => [phases] as const))(
    'gives all of them as much to do within 3 %, and three phases at most',
    (phases) => {
      const seats = phases.flatMap(({ part, tasks, warps }, phase) =>
        Array.from({ length: warps }, (_, warp) => ({
          phase,
          time: Math.ceil((tasks - warp) / warps) * tileInstructions(part.program, grouped.gradients),
        })),
      );
      const each = TUNED.warps / 4;
      const schedulers = [0, 1, 2, 3].map((i) => seats.slice(i * each, (i + 1) * each));
      const sums = schedulers.map((own) => own.reduce((sum, { time }) => sum + time, 0));
      expect(Math.max(...sums)).toBeLessThan((1.03 * sums.reduce((sum, one) => sum + one, 0)) / 4);
      for (const own of schedulers)
        expect(new Set(own.map(({ phase }) => phase)).size).toBeLessThanOrEqual(3);
    },
  );
});

describe('slabKinds', () => {
  it('has one kind for slabs of the same directions', () => {
    const eight = slabKinds(problem(STEM), regionGrad(TUNED));
    expect(eight.kindOfSlab).toEqual([0, 1, 2, 3]);
    expect(eight.kinds.map(({ bodies }) => bodies.map(({ id }) => id))).toEqual([
      ['0', '22p5'],
      ['45', '67p5'],
      ['90', '112p5'],
      ['135', '157p5'],
    ]);
    const twice = problem({ ...STEM, angles: [0, 45, 0, 45], channels: 32 });
    expect(slabKinds(twice, regionGrad(TUNED)).kindOfSlab).toEqual([0, 0]);
  });
});

describe('layoutOf', () => {
  const programs = (apart: 0 | 1) =>
    regionGradPlan(problem(STEM), regionGrad({ ...TUNED, apart })).kinds.map(({ phases }) =>
      phases.map(({ part }) => part.program),
    );
  const region = { height: 14, width: 14 };

  it('keeps the dy that taps meet from a region, and a few lines of zeros where tiles stick out', () => {
    const { met, kept } = layoutOf(programs(0)[0]!, region, 0); // 0 and 22.5 degrees
    expect(met).toEqual({ y: { from: -2, size: 19 }, x: { from: -7, size: 29 } });
    expect(kept).toEqual({ y: { from: -5, size: 25 }, x: { from: -7, size: 29 } });
  });

  it('lays neighbouring lines into banks of their own, which are columns where lines are steep', () => {
    const banks = (step: number) => new Set([0, 1, 2, 3].map((line) => (line * step) % 32)).size;
    const all = programs(1).map((some) => layoutOf(some, region, 1));
    expect(all.map(({ grad, own }) => [banks(grad.y), banks(own.y)])).toEqual([
      [4, 4],
      [2, 2],
      [2, 2],
      [4, 4],
    ]);
    expect(all.map(({ grad, own }) => [banks(grad.x), banks(own.x)])).toEqual([
      [2, 2],
      [4, 4],
      [4, 4],
      [2, 2],
    ]);
  });

  it('lays pixels whole into 64 bytes where lines are not apart', () => {
    for (const some of programs(0)) {
      const { own, grad, partFloats } = layoutOf(some, region, 0);
      expect([own.y, own.x, grad.y, grad.x, partFloats].map((floats) => floats % 16)).toEqual([
        0, 0, 0, 0, 0,
      ]);
      expect([own.y, grad.y, partFloats].map((floats) => floats % 32)).toEqual([16, 16, 16]);
    }
  });
});
