import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputElements, type Problem, problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { shape } from '../../runtime/shape.js';
import { anyLayer } from '../support/arbitrary.js';
import { formula, type Operands } from '../support/formula.js';
import { operands, runGuarded } from '../support/guarded.js';
import { difference, fractions, wholeNumbers } from '../support/numbers.js';

const anyCase = fc.record({ layer: anyLayer, hasBias: fc.boolean(), resid: fc.boolean() });

function reference(p: Problem, { input, weight, bias, resid = false }: Operands): Float64Array {
  const output = new Float64Array(outputElements(p)).fill(Number.NaN);
  addon().reference(shape(p), weight, bias ?? null, resid, input, output, p.batch);
  return output;
}

describe('the general kernel', () => {
  let cpu: CpuDevice;
  beforeAll(() => {
    cpu = openCpu({ threads: 2 });
  });

  it('is the formula, exactly where float32 is exact, and touches nothing beside its arrays', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ layer, hasBias, resid }) => {
        const p = problem(layer);
        const given = operands(p, wholeNumbers, hasBias, resid);
        const convolution = await cpu.load(p);
        const { output, guards } = runGuarded(convolution, given);
        const expected = formula(p, given);
        expect(difference(reference(p, given), expected)).toBeUndefined();
        expect(difference(output, expected)).toBeUndefined();
        expect(guards.every(Number.isNaN)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is the reference within rounding', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ layer, hasBias, resid }) => {
        const p = problem(layer);
        const given = operands(p, fractions, hasBias, resid);
        const expected = reference(p, given);
        const output = (await cpu.load(p)).run(given);
        const bound = 2 ** -23 * (p.kernel + 2) ** 2; // that many roundings of sums at most that large
        expect(output.findIndex((value, i) => !(Math.abs(value - expected[i]!) < bound))).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['nhwc', 'nchw'] as const)('serves the widest blocks and many bands in %s', async (layout) => {
    const p = problem({ layout, height: 37, width: 9, kernel: 31, angles: [22.5, 90, 135], channels: 245 });
    const given = operands(p, wholeNumbers, true, true);
    const output = (await cpu.load(p)).run(given);
    expect(difference(output, formula(p, given))).toBeUndefined();
  });

  it('gives the same bits on any number of threads', async () => {
    for (const layout of ['nhwc', 'nchw'] as const) {
      const p = problem({
        layout,
        height: 40,
        width: 33,
        kernel: 15,
        angles: [0, 67.5],
        channels: 37,
        batch: 2,
      });
      const given = operands(p, fractions, true, false);
      const runs = await Promise.all(
        [1, 2, 3, 4].map(async (threads) => (await openCpu({ threads }).load(p)).run(given)),
      );
      for (const run of runs.slice(1)) expect(difference(run, runs[0]!)).toBeUndefined();
    }
  });
});
