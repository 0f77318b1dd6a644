import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussianProcess } from '../../../tuner/search/gaussian_process.js';

const near = (a: number, b: number) => Math.exp(-((a - b) ** 2) / 2);

describe('a Gaussian process', () => {
  test('knows nothing before its first observation', () => {
    expect(gaussianProcess<number>([], near, 0.1)(3)).toEqual({ mean: 0, variance: 1 });
  });

  test('of two observations is the closed form', () => {
    const [[a, y], [b, z]] = [
      [0, 1],
      [1, -2],
    ] as const;
    const [k, noise, at] = [near(0, 1), 0.25, 0.4];
    const det = (1 + noise) ** 2 - k ** 2;
    const weigh = (u: number, v: number) =>
      [((1 + noise) * u - k * v) / det, ((1 + noise) * v - k * u) / det] as const;
    const [p, q] = [near(at, a), near(at, b)];
    const [wy, wz] = weigh(y, z);
    const [wp, wq] = weigh(p, q);
    const { mean, variance } = gaussianProcess<number>([[a, y], [b, z]], near, noise)(at); // biome-ignore format: pairs
    expect(mean).toBeCloseTo(p * wy + q * wz, 12);
    expect(variance).toBeCloseTo(1 - (p * wp + q * wq), 12);
  });

  test('goes through what was observed without noise, and is sure of it', () => {
    const places = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(places, fc.nat(50), (all, seed) => {
        const observed = all.map((place) => [2 * place, Math.sin(seed + place)] as const);
        const predict = gaussianProcess(observed, near, 1e-9);
        for (const [place, value] of observed) {
          const { mean, variance } = predict(place);
          expect(mean).toBeCloseTo(value, 5);
          expect(variance).toBeLessThan(1e-5);
        }
      }),
    );
  });
});
