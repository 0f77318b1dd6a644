import { expect, test } from 'vitest';
import { noiseOf, noiseText, percentText } from '../../../bench/table5/noise.js';
import type { CellResult } from '../../../bench/table5/result.js';
import { sampleTable } from '../../support/table5_result.js';

/** Times of a cell: nine layers of six measures, and two copies. */
const TIMES = 9 * 6 + 2;

/** A table whose first cell's copy spreads as told; everything else spreads by a hundredth. */
function withCopy(spread: number): readonly CellResult[] {
  const [first, ...rest] = sampleTable().cells;
  const { pass, backward } = first!.copies;
  return [{ ...first!, copies: { pass: { ...pass, spread }, backward } }, ...rest];
}

test('the median, the worst and whose it is, of ours and of the copies', () => {
  expect(noiseOf(withCopy(0.04))).toEqual({
    median: 0.01,
    worst: 0.04,
    where: 'copy of two tensors, nchw 14x14 K=7',
    loud: 0,
    count: 12 * TIMES,
  });
});

test('says what to do where times spread by more than a tenth, and only there', () => {
  expect(noiseText(noiseOf(withCopy(0.1)))).toBe(
    'samples of a time spread by 1.0 % in the median, by 10 % at worst (copy of two tensors, nchw 14x14 K=7)',
  );
  expect(noiseText(noiseOf(withCopy(0.57)))).toMatch(
    /by 57 % at worst .*; 1 of 672 times spread by more than 10 %: measure again on a quiet machine, with more --budget$/,
  );
});

test('percents have a digit behind the point below ten', () => {
  expect([0, 0.00284, 0.0994, 0.0996, 0.572].map(percentText)).toEqual([
    '0.0 %',
    '0.3 %',
    '9.9 %',
    '10 %',
    '57 %',
  ]);
});
