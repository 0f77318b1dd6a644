import { describe, expect, it } from 'vitest';
import { TemplateError } from '../../generator/errors.js';
import type { Params } from '../../generator/families/family.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { parseKernelName, type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { cpuTarget, type Isa } from '../../generator/target.js';
import { render } from '../../generator/template.js';
import { notRefused } from '../support/not_refused.js';

function legal(spec: ProblemSpec, isa: Isa, params: Params): Schedule {
  return notRefused(schedule(problem(spec), cpuTarget(isa), 'cpp_sheared', params));
}

const GOLDEN: readonly Schedule[] = [
  legal({ height: 8, width: 8, kernel: 5, angles: [0, 45], channels: 32 }, 'avx512', {
    length: 4,
    lanes: 16,
    depth: 1,
    band: 0,
    prefetch: 1,
    stream: 1,
  }),
  legal(
    { layout: 'nchw', height: 9, width: 7, kernel: 3, angles: [112.5], channels: 6, stride: 2 },
    'plain',
    {
      length: 2,
      lanes: 4,
      depth: 1,
      band: 2,
      prefetch: 0,
      stream: 0,
    },
  ),
  legal({ height: 12, width: 9, kernel: 5, angles: [22.5, 67.5], channels: 32 }, 'avx512', {
    length: 2,
    lanes: 16,
    depth: 1,
    band: 4,
    prefetch: 2,
    stream: 1,
  }),
];

describe('source', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    await expect(source(made).text).toMatchFileSnapshot(`../golden/${name}.cpp`);
  });

  it.each(GOLDEN.map((made) => [made.name, made] as const))(
    'finds the schedule in the name %s',
    (name, made) => {
      expect(parseKernelName(name, made.target)).toEqual(made);
    },
  );

  it('gives the same schedule the same text and hash, another schedule another', () => {
    const [a, b] = GOLDEN.map(source);
    expect(source(GOLDEN[0]!)).toEqual(a);
    expect(a!.hash).not.toBe(b!.hash);
  });

  it.each([
    '',
    'x__y',
    'fprop_nhwc_f32_8x8_s1_k5_a0_c32__cpp_sheared_t4',
    'fprop_nhwc_f32_8x8_s1_k5_a0_c32__cpp_other_t4',
  ])('refuses %j as a kernel name', (name) => {
    expect(() => parseKernelName(name, cpuTarget('plain'))).toThrow(
      expect.objectContaining({ fault: 'user' }),
    );
  });

  it('refuses the name of a schedule that is illegal here', () => {
    expect(() => parseKernelName(GOLDEN[0]!.name, cpuTarget('avx2'))).toThrow(/illegal here: 16 lanes/);
  });
});

describe('render', () => {
  it('takes a missing key for an error', () => {
    expect(() => render('cpp/sheared.cpp.hbs', { bodies: [1] })).toThrow(TemplateError);
  });

  it('checks what a template takes for granted', () => {
    expect(() => render('cpp/sheared.cpp.hbs', { bodies: [] })).toThrow(/at least one body/);
  });
});
