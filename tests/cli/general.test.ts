import { expect, test } from 'vitest';
import { generalOps, generalWords } from '../../cli/general.js';
import { DTYPES, OPS, problem } from '../../generator/problem.js';

const layer = { height: 5, width: 5, kernel: 3, angles: [0] };

test('each operation has a general kernel, but backward has two, one after the other', () => {
  const all = OPS.map((op) => [op, ...generalOps(problem({ ...layer, op }))]);
  expect(all).toEqual([
    ['fprop', 'fprop'],
    ['dgrad', 'dgrad'],
    ['wgrad', 'wgrad'],
    ['backward', 'dgrad', 'wgrad'],
  ]);
  expect(generalWords(problem({ ...layer, op: 'wgrad' }))).toBe('the general kernel');
  expect(generalWords(problem({ ...layer, op: 'backward' }))).toBe('the general kernels');
});

test('there is none for other types than float32', () => {
  for (const op of OPS)
    for (const dtype of DTYPES.filter((one) => one !== 'f32'))
      expect(generalWords(problem({ ...layer, op, dtype }))).toBeUndefined();
});
