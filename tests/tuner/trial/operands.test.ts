import { describe, expect, test } from 'vitest';
import { inputElements, OPS, outputElements, problem } from '../../../generator/problem.js';
import { buffers } from '../../../tuner/trial/cpu_workload.js';
import { operands } from '../../../tuner/trial/operands.js';
import { tensorsOf } from '../../../tuner/trial/tensors.js';
import { dgradFormula, wgradFormula } from '../../support/formula.js';
import { difference } from '../../support/numbers.js';

const LAYER = { height: 9, width: 7, kernel: 5, stride: 2, angles: [0, 45], channels: 4 };

describe.each(OPS)('of %s', (op) => {
  test.each([1, 2, 5])('a batch of %i repeats the first two images of all that is read', (batch) => {
    const layer = problem({ ...LAYER, op, batch });
    const given = operands(layer, 3);
    expect(given.images).toBe(Math.min(batch, 2));
    const sets = buffers(layer, given);
    for (const { name, elements } of tensorsOf(layer).read) {
      expect(given.read[name]).toHaveLength(given.images * elements);
      const whole = sets[0]![name];
      expect(whole).toHaveLength(batch * elements);
      const image = (i: number) => whole.subarray(i * elements, (i + 1) * elements);
      for (let i = 0; i < batch; i++)
        expect(
          difference(image(i), given.read[name].subarray((i % 2) * elements).subarray(0, elements)),
        ).toBe(undefined);
      if (batch > 1) expect(difference(image(0), image(1))).toBeDefined();
      for (const set of sets) expect(difference(set[name], whole)).toBeUndefined();
    }
  });
});

/** Holds float64 sums against others that were added in another order. */
function close(found: Float64Array, expected: Float64Array): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 11);
  });
}

test('dgrad has no bias, and the reference is its formula', () => {
  const layer = problem({ ...LAYER, op: 'dgrad' });
  const { parameters, read, expected } = operands(layer, 3);
  expect(parameters.bias).toBeUndefined();
  expect(read.input).toHaveLength(5 * 4 * 4);
  close(expected.output, dgradFormula(layer, { weight: parameters.weight!, input: read.input }));
});

test.each([1, 2, 3, 7])('dw and db are of all %i images, dx of the first two', (batch) => {
  const layer = problem({ ...LAYER, op: 'backward', batch });
  const given = operands(layer, 3);
  const { parameters, read, expected, images } = given;
  expect(Object.keys(parameters)).toEqual(['weight']);
  const { weightGrad, biasGrad } = wgradFormula(layer, buffers(layer, given)[0]!);
  close(expected.weightGrad, weightGrad);
  close(expected.biasGrad, biasGrad);
  const first = problem({ ...layer, op: 'dgrad', batch: images });
  close(expected.inputGrad, dgradFormula(first, { weight: parameters.weight!, input: read.grad }));
  expect(expected.inputGrad).toHaveLength((images * inputElements(layer)) / batch);
});

test('wgrad has neither weights nor bias', () => {
  const layer = problem({ ...LAYER, op: 'wgrad', layout: 'nchw', batch: 2 });
  const { parameters, read, expected } = operands(layer, 3);
  expect(parameters).toEqual({});
  expect(read.grad).toHaveLength(outputElements(layer));
  const { weightGrad, biasGrad } = wgradFormula(layer, read);
  close(expected.weightGrad, weightGrad);
  close(expected.biasGrad, biasGrad);
});

test.each(OPS)('a seed repeats the operands of %s, and another changes all of them', (op) => {
  const layer = problem({ op, height: 5, width: 4, kernel: 3, angles: [0], channels: 4 });
  const [one, same, other] = [3, 3, 4].map((seed) => operands(layer, seed));
  expect(same).toEqual(one);
  for (const { name } of tensorsOf(layer).read)
    expect(difference(other!.read[name], one!.read[name])).toBeDefined();
  const { weight } = one!.parameters;
  if (weight) expect(difference(other!.parameters.weight!, weight)).toBeDefined();
});
