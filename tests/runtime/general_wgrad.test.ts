import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Problem, type ProblemSpec, problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { shape } from '../../runtime/shape.js';
import { anyAngle } from '../support/arbitrary.js';
import { wgradFormula } from '../support/formula.js';
import { gradientOperands, guardedOutputs } from '../support/gradient_operands.js';
import { difference, fractions, wholeNumbers } from '../support/numbers.js';

const LAYOUTS = ['nhwc', 'nchw'] as const;

/** Layers of more than one tile of 64 rows and 64 or 256 columns, strides of many lattices, kernels longer than the plane. */
const anyLargeLayer: fc.Arbitrary<ProblemSpec> = fc.record({
  layout: fc.constantFrom(...LAYOUTS),
  height: fc.integer({ min: 1, max: 150 }),
  width: fc.oneof(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 250, max: 600 })),
  stride: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4, max: 200 })),
  kernel: fc.constantFrom(1, 7, 31, 63, 65, 255),
  angles: fc.array(anyAngle, { minLength: 1, maxLength: 2 }),
  channels: fc.integer({ min: 1, max: 3 }),
  batch: fc.integer({ min: 1, max: 2 }),
});

/** What the random layers leave out. */
const LAYERS: readonly ProblemSpec[] = LAYOUTS.flatMap((layout) => [
  { layout, height: 3, width: 5, kernel: 4095, angles: [0, 30], channels: 2, batch: 2 },
  { layout, height: 9, width: 5, stride: 2 ** 31 - 1, kernel: 7, angles: [67.5], channels: 2 },
  { layout, height: 6, width: 17, kernel: 15, angles: [22.5, 90, 135], channels: 131, batch: 2 },
  { layout, height: 7, width: 7, kernel: 5, angles: [45], channels: 2, batch: 700 },
]);

const wgrad = (spec: ProblemSpec) => problem({ ...spec, op: 'wgrad' });

/** A copy between numbers that are none. */
function guarded(values: Float32Array): Float32Array {
  const guard = 1024;
  const whole = new Float32Array(values.length + 2 * guard).fill(Number.NaN);
  whole.set(values, guard);
  return whole.subarray(guard, guard + values.length);
}

describe('the general kernel of wgrad', () => {
  let cpu: CpuDevice;
  beforeAll(() => {
    cpu = openCpu({ threads: 2 });
  });

  async function expectFormula(p: Problem): Promise<void> {
    const given = gradientOperands(p, wholeNumbers);
    const { outputs, isUntouched } = guardedOutputs(p);
    const gradient = await cpu.loadGradient(p);
    expect(gradient.origin.kind).toBe('general');
    gradient.run({ input: guarded(given.input), grad: guarded(given.grad), ...outputs });
    const expected = wgradFormula(p, given);
    expect(difference(outputs.weightGrad, expected.weightGrad)).toBeUndefined();
    expect(difference(outputs.biasGrad, expected.biasGrad)).toBeUndefined();
    expect(isUntouched()).toBe(true);
  }

  it('is the formula over many tiles, and reads and writes nothing beside its arrays', async () => {
    await fc.assert(
      fc.asyncProperty(anyLargeLayer, (layer) => expectFormula(wgrad(layer))),
      { numRuns: 30 },
    );
  });

  it.each(LAYERS)('is the formula for %o', (layer) => expectFormula(wgrad(layer)));

  it.each(LAYOUTS)(
    'keeps to 1e-6 of float64 where all products are positive, over 64 images in %s',
    async (layout) => {
      const p = wgrad({
        layout,
        height: 56,
        width: 56,
        kernel: 31,
        angles: [0, 22.5, 90],
        channels: 3,
        batch: 64,
      });
      const { input, grad } = gradientOperands(p, fractions);
      const given = { input: input.map(Math.abs), grad: grad.map(Math.abs) };
      const [weightGrad, biasGrad] = [new Float64Array(p.channels * p.kernel), new Float64Array(p.channels)];
      addon().referenceGradient(shape(p), given.input, given.grad, weightGrad, biasGrad, p.batch);
      const actual = (await cpu.loadGradient(p)).run(given);
      const worst = (values: Float32Array, exact: Float64Array) =>
        Math.max(...exact.map((value, i) => Math.abs(values[i]! - value) / value));
      expect(worst(actual.weightGrad, weightGrad)).toBeLessThan(1e-6);
      expect(worst(actual.biasGrad, biasGrad)).toBeLessThan(1e-6);
    },
  );

  it('gives the same bits on any number of threads', async () => {
    for (const layout of LAYOUTS) {
      const p = wgrad({
        layout,
        height: 70,
        width: 270,
        kernel: 15,
        angles: [0, 67.5],
        channels: 5,
        batch: 3,
      });
      const given = gradientOperands(p, fractions);
      const [first, ...others] = await Promise.all(
        [1, 2, 3, 7].map(async (threads) => (await openCpu({ threads }).loadGradient(p)).run(given)),
      );
      for (const other of others) expect(other).toEqual(first);
    }
  });

  it('gives weights that fold on one pixel the same gradient', async () => {
    const p = wgrad({ height: 9, width: 9, kernel: 7, angles: [45] });
    const { weightGrad } = (await cpu.loadGradient(p)).run(gradientOperands(p, fractions));
    const { dy, dx } = shape(p);
    const folding = [1, 2, 3, 4, 5, 6].filter((k) => dy[k] === dy[k - 1] && dx[k] === dx[k - 1]);
    expect(folding).not.toEqual([]);
    for (const k of folding) expect(weightGrad[k]).toBe(weightGrad[k - 1]);
  });
});
