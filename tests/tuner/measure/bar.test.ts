import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barOf, isBeaten } from '../../../tuner/measure/bar.js';
import { measurement } from '../../../tuner/measure/measurement.js';
import { stopping } from '../../../tuner/measure/stopping.js';

const samples = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('a bar', () => {
  test('is never set against the best itself, nor what is a twentieth slower', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 1, max: 1.05, noNaN: true }), (of, factor) => {
        const bar = barOf(measurement(of, 1, 'settled'));
        expect(
          isBeaten(
            of.map((sample) => sample * factor),
            bar,
          ),
        ).toBe(false);
      }),
    );
  });

  test('is passed by one sample below it, whatever the others are', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 1, max: 1e6, noNaN: true }), (of, bar) => {
        expect(isBeaten(of, bar)).toBe(of.length >= 3 && of.every((sample) => sample > bar));
        expect(isBeaten([...of, bar], bar)).toBe(false);
      }),
    );
  });

  test('ends a measurement, and none where there is none', () => {
    const rule = { precision: 0.01, minSamples: 10, maxSamples: 50, budget: 1e9 };
    expect(stopping([20, 21, 22], 63, { ...rule, bar: 19 })).toBe('beaten');
    expect(stopping([20, 21], 63, { ...rule, bar: 19 })).toBeUndefined();
    expect(stopping([20, 21, 22], 63, { ...rule, bar: 20 })).toBeUndefined();
    expect(stopping([20, 21, 22], 63, rule)).toBeUndefined();
  });
});
