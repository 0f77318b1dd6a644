import { expect, test } from 'vitest';
import { problemName } from '../../../generator/name.js';
import { inputElements, problem } from '../../../generator/problem.js';
import { workload } from '../../../tuner/trial/workload.js';
import { difference } from '../../support/numbers.js';

test.each([1, 2, 5])('a batch of %i repeats its first two images', (batch) => {
  const layer = problem({ height: 5, width: 4, kernel: 3, angles: [0, 90], channels: 4, batch });
  const load = workload({ kind: 'setup', problem: problemName(layer), isa: 'plain', threads: 1, seed: 3 });
  const each = inputElements(layer) / batch;
  expect(load.images).toBe(Math.min(batch, 2));
  expect(load.reference).toHaveLength(load.images * each);
  const { input } = load.sets[0]!;
  const image = (i: number) => input.subarray(i * each, (i + 1) * each);
  for (let i = 2; i < batch; i++) expect(difference(image(i), image(i % 2))).toBeUndefined();
  if (batch > 1) expect(difference(image(0), image(1))).toBeDefined();
  for (const set of load.sets) expect(difference(set.input, input)).toBeUndefined();
});
