import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TunerError } from '../../../tuner/errors.js';
import {
  median,
  medianAbsoluteDeviation,
  medianInterval,
  relativeHalfWidth,
  relativeSpread,
} from '../../../tuner/measure/stats.js';
import { mulberry32 } from '../../../tuner/random.js';

const samples = fc.array(fc.double({ min: 0.5, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('median', () => {
  test.each([
    [[7], 7],
    [[9, 1], 5],
    [[100, 3, 2], 3],
    [[10, 9, 2, 1], 5.5],
  ])('of %o is %d', (of, expected) => {
    expect(median(of)).toBe(expected);
  });

  test('has as many samples above it as below, and leaves them as they were', () => {
    fc.assert(
      fc.property(samples, (of) => {
        const before = [...of];
        const middle = median(of);
        const below = of.filter((x) => x < middle).length;
        const above = of.filter((x) => x > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(of.length / 2);
        expect(of).toEqual(before);
      }),
    );
  });

  test.each([median, medianAbsoluteDeviation, relativeSpread])('%o refuses no samples', (statistic) => {
    expect(() => statistic([])).toThrow(TunerError);
  });
});

describe('spread', () => {
  test('is the scaled median distance to the median over the median', () => {
    expect(medianAbsoluteDeviation([1, 2, 4, 8, 100])).toBe(3);
    expect(relativeSpread([1, 2, 4, 8, 100])).toBeCloseTo((1.4826 * 3) / 4, 12);
  });

  test('is that of a normal distribution where there is one', () => {
    const random = mulberry32(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const drawn = Array.from({ length: 20_000 }, () => 100 + 5 * normal());
    expect(relativeSpread(drawn)).toBeCloseTo(0.05, 2);
  });

  test('does not depend on the unit, and is zero where all are equal', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0.01, max: 100, noNaN: true }), (of, unit) => {
        expect(relativeSpread(of.map((x) => x * unit))).toBeCloseTo(relativeSpread(of), 6);
        expect(relativeSpread(of.map(() => unit))).toBe(0);
      }),
    );
    expect(relativeSpread([0, 0, 0])).toBe(0);
    expect(relativeHalfWidth(new Array(10).fill(0))).toBe(0);
  });
});

describe('medianInterval', () => {
  // Ranks as tables of the sign test give them, e.g. Conover, Practical Nonparametric Statistics, table A3.
  test.each([
    [5, 0.95, undefined],
    [6, 0.95, [1, 6]],
    [8, 0.95, [1, 8]],
    [9, 0.95, [2, 8]],
    [10, 0.95, [2, 9]],
    [20, 0.95, [6, 15]],
    [30, 0.95, [10, 21]],
    [10, 0.99, [1, 10]],
    [7, 0.99, undefined],
    [100, 0.95, [40, 61]],
  ])('of %d samples at %d is between the ranks %o', (n, confidence, ranks) => {
    const interval = medianInterval(upTo(n), confidence);
    expect(interval).toEqual(ranks && { low: ranks[0], high: ranks[1] });
  });

  test('holds where plain powers of a half underflow', () => {
    // Normal approximation of the rank: (n - 1.96 sqrt(n)) / 2.
    for (const n of [2000, 20_000]) {
      const { low, high } = medianInterval(upTo(n))!;
      expect(Math.abs(low - (n - 1.96 * Math.sqrt(n)) / 2)).toBeLessThan(2);
      expect(high).toBe(n + 1 - low);
    }
  });

  test.each([6, 11, 24, 51])('of %d samples covers the true median as often as it says', (n) => {
    const random = mulberry32(n);
    const trials = 4000;
    let covered = 0;
    for (let i = 0; i < trials; i++) {
      // Exponential: one-sided with a long tail, as times are. Its median is ln 2.
      const { low, high } = medianInterval(Array.from({ length: n }, () => -Math.log(1 - random())))!;
      if (low <= Math.LN2 && Math.LN2 <= high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.94);
  });

  test('holds the median, in any order of the samples, and grows with the confidence', () => {
    fc.assert(
      fc.property(samples, (of) => {
        const interval = medianInterval(of);
        expect(interval === undefined).toBe(of.length < 6);
        if (!interval) return;
        expect(interval.low).toBeLessThanOrEqual(median(of));
        expect(interval.high).toBeGreaterThanOrEqual(median(of));
        expect(medianInterval([...of].reverse())).toEqual(interval);
        const wider = medianInterval(of, 0.99);
        if (wider) expect(wider.low <= interval.low && wider.high >= interval.high).toBe(true);
      }),
    );
  });
});

describe('relativeHalfWidth', () => {
  test('is half the interval over the median', () => {
    expect(relativeHalfWidth(upTo(9))).toBe((8 - 2) / 2 / 5);
    expect(relativeHalfWidth(upTo(5))).toBe(Number.POSITIVE_INFINITY);
    expect(relativeHalfWidth([])).toBe(Number.POSITIVE_INFINITY);
  });
});
