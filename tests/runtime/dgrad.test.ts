import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { inputElements, outputElements, type Problem, problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { defineLibrary } from '../../runtime/library.js';
import { shape } from '../../runtime/shape.js';
import { anyLayer } from '../support/arbitrary.js';
import { dgradFormula } from '../support/formula.js';
import { operands, runGuarded } from '../support/guarded.js';
import { difference, fractions, wholeNumbers } from '../support/numbers.js';

const anyDgrad = anyLayer.map((spec) => problem({ ...spec, op: 'dgrad' }));
const LARGE = {
  height: 41,
  width: 30,
  stride: 2,
  kernel: 15,
  angles: [0, 67.5, 135],
  channels: 245,
  batch: 2,
};

const EMPTY = defineLibrary({ folder: '.', kernels: {} });

describe('dgrad', () => {
  let cpu: CpuDevice;
  beforeAll(() => {
    cpu = openCpu({ threads: 2 });
  });

  it('is the formula, exactly where float32 is exact, and touches nothing beside its arrays', async () => {
    await fc.assert(
      fc.asyncProperty(anyDgrad, fc.boolean(), async (p, resid) => {
        const given = operands(p, wholeNumbers, false, resid);
        const expected = dgradFormula(p, given);
        const { output, guards } = runGuarded(await cpu.load(p), given);
        expect(difference(output, expected)).toBeUndefined();
        expect(guards.every(Number.isNaN)).toBe(true);
        const reference = new Float64Array(outputElements(p)).fill(Number.NaN);
        addon().reference(shape(p), given.weight, null, resid, given.input, reference, p.batch);
        expect(difference(reference, expected)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is the adjoint: <fprop(x), dy> = <x, dgrad(dy)>', async () => {
    await fc.assert(
      fc.asyncProperty(anyDgrad, fc.boolean(), async (p, resid) => {
        const forward = problem({ ...p, op: 'fprop' });
        const weight = wholeNumbers(p.channels * p.kernel, 2);
        const [x, dy] = [wholeNumbers(inputElements(forward), 3), wholeNumbers(inputElements(p), 4)];
        const y = (await cpu.load(forward)).run({ input: x, weight, resid });
        const dx = (await cpu.load(p)).run({ input: dy, weight, resid });
        expect(dot(y, dy)).toBe(dot(x, dx));
      }),
      { numRuns: 100 },
    );
  });

  it('is the formula within rounding', async () => {
    await fc.assert(
      fc.asyncProperty(anyDgrad, fc.boolean(), async (p, resid) => {
        const given = operands(p, fractions, false, resid);
        const expected = dgradFormula(p, given);
        const output = (await cpu.load(p)).run(given);
        const bound = 2 ** -23 * (p.kernel + 2) ** 2; // that many roundings of sums at most that large
        expect(output.findIndex((value, i) => !(Math.abs(value - expected[i]!) < bound))).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['nhwc', 'nchw'] as const)(
    'serves wide blocks, many bands and any thread alike in %s',
    async (layout) => {
      const p = problem({ ...LARGE, op: 'dgrad', layout });
      const given = operands(p, wholeNumbers, false, true);
      for (const threads of [1, 3]) {
        const output = (await openCpu({ threads }).load(p)).run(given);
        expect(difference(output, dgradFormula(p, given))).toBeUndefined();
      }
    },
  );

  it('takes the general kernel of fprop at stride 1, and of dgrad at others', async () => {
    const asked = (stride: number) => problem({ ...LARGE, op: 'dgrad', stride });
    const reasonOf = async (p: Problem) => (await cpu.load(p, { library: EMPTY })).origin;
    expect(await reasonOf(asked(1))).toMatchObject({
      reason: expect.stringContaining('fprop_nhwc_f32_41x30_s1'),
    });
    expect(await reasonOf(asked(2))).toMatchObject({
      reason: expect.stringContaining('dgrad_nhwc_f32_41x30_s2'),
    });
  });

  it('keeps its own problem, and has the input where fprop has the output', async () => {
    const p = problem({ ...LARGE, op: 'dgrad' });
    const convolution = await cpu.load(p);
    expect(convolution.problem).toBe(p);
    const weight = new Float32Array(p.channels * p.kernel);
    expect(() => convolution.run({ input: new Float32Array(outputElements(p)), weight })).toThrow(
      /input must be .* \[2, 21, 15, 245\]/,
    );
    expect(() =>
      convolution.run({ input: new Float32Array(1), weight, output: new Float32Array(1) }),
    ).toThrow(/must be/);
    const output = convolution.run({ input: new Float32Array(inputElements(p)), weight });
    expect(output).toHaveLength(2 * 41 * 30 * 245);
  });

  it.each([1, 2])('takes no bias at stride %i', async (stride) => {
    const p = problem({ ...LARGE, op: 'dgrad', stride });
    const given = { ...operands(p, wholeNumbers, true, false) };
    const convolution = await cpu.load(p);
    expect(() => convolution.run(given)).toThrow(
      /^'Float32Array\(245\)': the gradient of a layer's input does not depend on its bias, .*; leave bias out$/,
    );
  });
});

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
