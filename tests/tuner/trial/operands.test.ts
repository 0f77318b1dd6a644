import { expect, test } from 'vitest';
import { inputElements, outputElements, problem } from '../../../generator/problem.js';
import { buffers } from '../../../tuner/trial/cpu_workload.js';
import { operands } from '../../../tuner/trial/operands.js';
import { dgradFormula } from '../../support/formula.js';
import { difference } from '../../support/numbers.js';

test.each([1, 2, 5])('a batch of %i repeats its first two images', (batch) => {
  const layer = problem({ height: 5, width: 4, kernel: 3, stride: 2, angles: [0, 90], channels: 4, batch });
  const given = operands(layer, 3);
  const each = inputElements(layer) / batch;
  expect(given.images).toBe(Math.min(batch, 2));
  expect(given.input).toHaveLength(given.images * each);
  expect(given.reference).toHaveLength((given.images * outputElements(layer)) / batch);
  const sets = buffers(layer, given);
  const { input } = sets[0]!;
  const image = (i: number) => input.subarray(i * each, (i + 1) * each);
  for (let i = 2; i < batch; i++) expect(difference(image(i), image(i % 2))).toBeUndefined();
  if (batch > 1) expect(difference(image(0), image(1))).toBeDefined();
  for (const set of sets) expect(difference(set.input, input)).toBeUndefined();
});

test('dgrad has no bias, and the reference is its formula', () => {
  const layer = problem({
    op: 'dgrad',
    height: 9,
    width: 7,
    kernel: 5,
    stride: 2,
    angles: [0, 45],
    channels: 4,
  });
  const { parameters, input, reference } = operands(layer, 3);
  expect(parameters.bias).toBeUndefined();
  expect(input).toHaveLength(5 * 4 * 4);
  const expected = dgradFormula(layer, { ...parameters, input });
  expect(reference).toHaveLength(expected.length);
  reference.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
});

test('a seed repeats the operands, and another changes all of them', () => {
  const layer = problem({ height: 5, width: 4, kernel: 3, angles: [0], channels: 4 });
  const [one, same, other] = [3, 3, 4].map((seed) => operands(layer, seed));
  expect(same).toEqual(one);
  expect(difference(other!.input, one!.input)).toBeDefined();
  expect(difference(other!.parameters.weight, one!.parameters.weight)).toBeDefined();
});
