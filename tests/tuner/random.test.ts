import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mulberry32, shuffled } from '../../tuner/random.js';

describe('mulberry32', () => {
  test('gives the numbers of the reference implementation', () => {
    const random = mulberry32(1);
    expect([random(), random(), random()].map((x) => x * 2 ** 32)).toEqual([
      2693262067, 11749833, 2265367787,
    ]);
  });

  test('stays in [0, 1), repeats with its seed and differs from another', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [one, two, other] = [mulberry32(seed), mulberry32(seed), mulberry32(seed + 1)];
        const draw = (random: () => number) => Array.from({ length: 20 }, random);
        const drawn = draw(one);
        expect(drawn.every((x) => x >= 0 && x < 1)).toBe(true);
        expect(draw(two)).toEqual(drawn);
        expect(draw(other)).not.toEqual(drawn);
      }),
    );
  });
});

describe('shuffled', () => {
  test('keeps every item once and the array as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const before = [...items];
        const order = (list: readonly number[]) => [...list].sort((a, b) => a - b);
        expect(order(shuffled(items, mulberry32(seed)))).toEqual(order(items));
        expect(items).toEqual(before);
      }),
    );
  });

  test('takes every order about equally often', () => {
    const random = mulberry32(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // Standard deviation of each count: 29.
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
