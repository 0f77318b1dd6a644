import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floorBytes, inputElements, OPS, outputElements, problem } from '../../../generator/problem.js';
import { lengthOf, setBytes, setOf, type TensorUse, tensorsOf } from '../../../tuner/trial/tensors.js';
import { anyLayer } from '../../support/arbitrary.js';

const names = (uses: readonly TensorUse[]) => uses.map(({ name, symbol }) => `${name} ${symbol}`).join(', ');

test.each([
  ['fprop', 'input x', 'output y'],
  ['dgrad', 'input dy', 'output dx'],
  ['wgrad', 'input x, grad dy', 'weightGrad dw, biasGrad db'],
  ['backward', 'input x, grad dy', 'inputGrad dx, weightGrad dw, biasGrad db'],
] as const)('%s reads %s and writes %s', (op, read, written) => {
  const tensors = tensorsOf(problem({ op, height: 3, width: 3, kernel: 3, angles: [0] }));
  expect([names(tensors.read), names(tensors.written)]).toEqual([read, written]);
});

test('images are as many as the batch, sums one; together they are the floor and the sums', () => {
  fc.assert(
    fc.property(anyLayer, fc.constantFrom(...OPS), (spec, op) => {
      const layer = problem({ ...spec, op });
      const { batch, channels, kernel } = layer;
      const { read, written } = tensorsOf(layer);
      const all = [...read, ...written];
      for (const { isSum, images } of all) expect(images).toBe(isSum ? 1 : batch);
      const sums = all.filter(({ isSum }) => isSum).reduce((sum, use) => sum + lengthOf(use), 0);
      expect(sums).toBe(op === 'wgrad' || op === 'backward' ? channels * (kernel + 1) : 0);
      expect(setBytes(layer)).toBe(floorBytes(layer) + 4 * sums);
      const floats = setOf(all, lengthOf);
      expect(floats.input).toBe(inputElements(layer));
      expect(floats.output ?? floats.grad).toBe(outputElements(layer));
    }),
  );
});
