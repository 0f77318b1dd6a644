import { describe, expect, it } from 'vitest';
import type { Params } from '../../../generator/families/family.js';
import { family } from '../../../generator/families/registry.js';
import { PAPER_ANGLES, type Problem, type ProblemSpec, problem } from '../../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { cpuTarget, ISAS, type Isa } from '../../../generator/target.js';
import { addon } from '../../../runtime/addon.js';
import { someGradients } from '../../support/gradient_case.js';
import { runGradients } from '../../support/gradient_program.js';
import { notRefused } from '../../support/not_refused.js';
import { STRICT } from '../../support/strict.js';

const HERE = ISAS.slice(ISAS.indexOf(addon().isa()));
const KERNELS = 6;

function legal(spec: ProblemSpec, isa: Isa, params: Params): Schedule {
  return notRefused(schedule(problem(spec), cpuTarget(isa), 'cpp_sheared_grad', params));
}

describe.each(HERE)('emitted gradient kernels for %s', (isa) => {
  it('are the definition for random layers and schedules, exactly where float32 is, on any number of threads', async () => {
    const kernels = someGradients(isa, KERNELS, 38 + ISAS.indexOf(isa));
    expect(kernels).toHaveLength(KERNELS);
    expect(kernels.some(({ params }) => params.prefetch === 2)).toBe(true);
    for (const op of ['wgrad', 'backward', 'dgrad'])
      expect(kernels.some(({ problem: p }) => p.op === op && p.stride > 1)).toBe(true);
    expect(await runGradients(kernels, isa, STRICT)).toBe('all cases ran\n');
  });
});

describe('a gradient kernel', () => {
  const rolling = { length: 2, lanes: 16, depth: 1, band: 4, prefetch: 2, stream: 1 };
  const plain = { length: 2, lanes: 4, depth: 1, band: 2, prefetch: 0, stream: 0 };
  const GOLDEN: readonly Schedule[] = [
    legal(
      { op: 'backward', height: 12, width: 9, kernel: 5, angles: [22.5, 67.5], channels: 32 },
      'avx512',
      rolling,
    ),
    legal(
      {
        op: 'wgrad',
        layout: 'nchw',
        height: 9,
        width: 7,
        kernel: 3,
        angles: [112.5],
        channels: 6,
        stride: 2,
      },
      'plain',
      plain,
    ),
    legal(
      { op: 'dgrad', height: 8, width: 9, kernel: 5, angles: [45], channels: 8, stride: 2 },
      'avx2',
      plain,
    ),
  ];

  it.each(GOLDEN.map((made) => [made.name, made] as const))('is %s', async (name, made) => {
    await expect(source(made).text).toMatchFileSnapshot(`../../golden/${name}.cpp`);
    expect(parseKernelName(name, made.target)).toEqual(made);
  });

  it('stays precise over the pixels of a large plane and many images', async () => {
    const spec: ProblemSpec = {
      op: 'backward',
      height: 56,
      width: 56,
      kernel: 31,
      angles: [22.5],
      channels: 16,
    };
    const isa = addon().isa();
    const { lanes } = cpuTarget(isa);
    const made = legal({ ...spec, batch: 16 }, isa, {
      length: 4,
      lanes,
      depth: 1,
      band: 0,
      prefetch: 0,
      stream: 0,
    });
    expect(await runGradients([made], isa)).toBe('all cases ran\n');
  });
});

describe('the cost of a gradient', () => {
  const layer: Problem = problem({
    op: 'backward',
    height: 56,
    width: 56,
    kernel: 31,
    angles: PAPER_ANGLES,
    channels: 512,
  });
  const best: Params = { length: 8, lanes: 16, depth: 2, band: 8, prefetch: 2, stream: 1 };
  const cost = (change: Params) =>
    family('cpp_sheared_grad').cost(layer, cpuTarget('avx512'), { ...best, ...change });

  // As they were measured, from 9.0 ms for the first to 19 ms for the last.
  it('orders schedules as a processor does', () => {
    const costs = [
      {},
      { length: 4, band: 4 },
      { band: 0, prefetch: 1 },
      { stream: 0 },
      { band: 0, prefetch: 0, stream: 0 },
    ].map((change) => cost(change as Params));
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(new Set(costs).size).toBe(costs.length);
  });

  it.each([
    ['wgrad', 1],
    ['backward', 3],
    ['dgrad', 2],
  ] as const)('has legal candidates for %s at stride %i in both layouts', (op, stride) => {
    for (const layout of ['nchw', 'nhwc'] as const) {
      const asked = problem({ ...layer, op, stride, layout });
      const axes = family('cpp_sheared_grad').axes(asked, cpuTarget('avx512'));
      const first = Object.fromEntries(Object.entries(axes).map(([key, values]) => [key, values[0]!]));
      const params = { ...first, length: 4, prefetch: 1 };
      expect(schedule(asked, cpuTarget('avx512'), 'cpp_sheared_grad', params).kind).toBe('schedule');
    }
  });
});
