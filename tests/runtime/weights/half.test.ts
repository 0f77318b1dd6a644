import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../runtime/weights/half.js';

const EVERY = Array.from({ length: 0x10000 }, (_, half) => half);
const FORMATS = [
  ['float16', toFloat16, fromFloat16, 11, -14, 0x7c00],
  ['bfloat16', toBfloat16, fromBfloat16, 8, -126, 0x7f80],
] as const;

test.each(FORMATS)('%s: every number comes back as it was', (_, narrow, widen) => {
  const wrong = EVERY.filter((half) => {
    const value = widen(half);
    return Number.isNaN(value) ? !Number.isNaN(widen(narrow(value))) : narrow(value) !== half;
  });
  expect(wrong).toEqual([]);
});

test.each(FORMATS)('%s: rounds to the nearest, ties to even', (_, narrow, widen, digits, least, infinite) => {
  const rounded = (value: number) => {
    const exponent = Math.max(Math.floor(Math.log2(Math.abs(value) || 1)), least);
    const step = 2 ** (exponent - digits + 1);
    const [low, rest] = [Math.floor(value / step), value / step - Math.floor(value / step)];
    return (low + (rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? 1 : 0)) * step;
  };
  const largest = widen(infinite - 1);
  fc.assert(
    fc.property(fc.oneof(fc.float({ noNaN: true }), fc.float({ min: -1, max: 1 })), (value) => {
      const nearest = rounded(value);
      const expected = Math.abs(nearest) > largest ? Math.sign(value) * Number.POSITIVE_INFINITY : nearest;
      expect(widen(narrow(value)) + 0).toBe((Number.isFinite(value) ? expected : value) + 0);
    }),
    { numRuns: 2000 },
  );
});

test.each(FORMATS)(
  '%s: half way between two, the even one',
  (_, narrow, widen, _digits, _least, infinite) => {
    const wrong = EVERY.slice(0, infinite - 1).filter(
      (half) => narrow((widen(half) + widen(half + 1)) / 2) !== half + (half % 2),
    );
    expect(wrong).toEqual([]);
  },
);

test('known numbers', () => {
  expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x8000].map(fromFloat16)).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    -0,
  ]);
  expect([65519, 65520, 1e9, -1e9, 2 ** -25, 3 * 2 ** -25].map(toFloat16)).toEqual([
    0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 2,
  ]);
  expect([1, -2, 3.4e38].map(toBfloat16)).toEqual([0x3f80, 0xc000, 0x7f80]);
});
