import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median } from '../../runtime/median.js';

test('as many numbers are below the median as above it, and it is one of them or lies half way between two', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 9 }), (numbers) => {
      const given = [...numbers];
      const middle = median(numbers);
      expect(numbers).toEqual(given);
      const half = numbers.length / 2;
      expect(numbers.filter((one) => one < middle).length).toBeLessThanOrEqual(half);
      expect(numbers.filter((one) => one > middle).length).toBeLessThanOrEqual(half);
      const sorted = numbers.toSorted((a, b) => a - b);
      expect(2 * middle).toBe(sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!);
    }),
  );
  expect(median([])).toBeNaN();
});
