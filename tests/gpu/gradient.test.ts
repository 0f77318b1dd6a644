import fc from 'fast-check';
import { expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { shape } from '../../runtime/shape.js';
import { anyLayer } from '../support/arbitrary.js';
import { dgradFormula, wgradFormula } from '../support/formula.js';
import { onGpu } from '../support/gpu.js';
import { gradientOperands, guardedOutputs } from '../support/gradient_operands.js';
import { difference, fractions, wholeNumbers } from '../support/numbers.js';

onGpu('the general gradient', (gpu) => {
  it('is the formula, whatever the layer', async () => {
    await fc.assert(
      fc.asyncProperty(anyLayer, fc.constantFrom('wgrad', 'backward'), async (spec, op) => {
        const p = problem({ ...spec, op });
        const gradient = await gpu.loadGradient(p);
        const given = gradientOperands(p, wholeNumbers, true);
        const { outputs, isUntouched } = guardedOutputs(p);
        gradient.run({ ...given, ...outputs });
        const { weightGrad, biasGrad } = wgradFormula(p, given);
        expect(difference(outputs.weightGrad, weightGrad)).toBeUndefined();
        expect(difference(outputs.biasGrad, biasGrad)).toBeUndefined();
        expect(isUntouched()).toBe(true);
        if (!outputs.inputGrad) return;
        const dx = dgradFormula(p, { input: given.grad, weight: given.weight!, resid: true });
        expect(difference(outputs.inputGrad, dx)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it.each(['nhwc', 'nchw'] as const)(
    'keeps to 1e-5 of float64 over 64 images in %s, with the same bits each time, on any stream and in graphs',
    async (layout) => {
      const size = { height: 56, width: 56, kernel: 31, angles: [0, 22.5, 45, 90], channels: 16, batch: 64 };
      const p = problem({ ...size, op: 'backward', layout });
      const gradient = await gpu.loadGradient(p);
      const given = gradientOperands(p, fractions);
      const first = gradient.run(given);
      const expected = new Float64Array(first.weightGrad.length);
      const sums = new Float64Array(first.biasGrad.length);
      addon().referenceGradient(shape(p), given.input, given.grad, expected, sums, p.batch);
      const largest = Math.max(...expected.map(Math.abs));
      expected.forEach((value, i) => {
        expect(Math.abs(value - first.weightGrad[i]!)).toBeLessThan(1e-5 * largest);
      });
      for (let i = 0; i < 5; i++)
        expect(difference(gradient.run(given).weightGrad, first.weightGrad)).toBeUndefined();

      const uploaded = (array: Float32Array) => {
        const tensor = gpu.tensor(array.length);
        gpu.upload(tensor, array);
        return tensor;
      };
      const outputs = {
        inputGrad: gpu.tensor(given.input.length),
        weightGrad: gpu.tensor(first.weightGrad.length),
        biasGrad: gpu.tensor(first.biasGrad.length),
      };
      const launch = gradient
        .prepare({ weight: given.weight! })
        .bind({ input: uploaded(given.input), grad: uploaded(given.grad), ...outputs });
      const stream = gpu.stream();
      const graph = gpu.graph([launch, launch]);
      for (const run of [launch.run, () => launch.run(stream), graph.run]) {
        gpu.fill(outputs.weightGrad, Number.NaN).run();
        gpu.synchronize();
        run();
        stream.synchronize();
        const result = new Float32Array(first.weightGrad.length);
        gpu.download(outputs.weightGrad, result);
        expect(difference(result, first.weightGrad)).toBeUndefined();
      }
      launch.free();
      expect(launch.run).toThrow(/was freed/);
    },
  );

  it('runs off this thread, several at once, and for another batch', async () => {
    const p = problem({ op: 'wgrad', height: 30, width: 20, kernel: 7, angles: [22.5], channels: 16 });
    const gradient = await gpu.loadGradient(p);
    const batches = [1, 2, 3, 4];
    const given = batches.map((batch) => gradientOperands({ ...p, batch }, wholeNumbers));
    const results = await Promise.all(
      given.map((args, i) => gradient.runAsync({ ...args, batch: batches[i]! })),
    );
    results.forEach(({ weightGrad }, i) => {
      const expected = wgradFormula({ ...p, batch: batches[i]! }, given[i]!);
      expect(difference(weightGrad, expected.weightGrad)).toBeUndefined();
    });
  });
});
