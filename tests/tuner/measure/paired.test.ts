import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, gap, logRatios, TIE } from '../../../tuner/measure/paired.js';
import { mulberry32 } from '../../../tuner/random.js';

const times = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
const OPPOSITE = { faster: 'slower', slower: 'faster', tied: 'tied', open: 'open' } as const;

describe('compare', () => {
  test('says the same of the two in either order', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(compare(b, a)).toBe(OPPOSITE[compare(a, b)]);
        expect(gap(b, a)).toBeCloseTo(-gap(a, b), 12);
      }),
    );
  });

  test('does not see what reaches both, however much it changes from round to round', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0.5, max: 2, noNaN: true }), (machine, factor) => {
        const other = machine.map((time) => time * factor);
        for (const ratio of logRatios(other, machine)) expect(ratio).toBeCloseTo(Math.log(factor), 9);
        const sure = machine.length >= 10 && Math.abs(Math.log(factor)) > 1e-9;
        if (sure) expect(compare(other, machine)).toBe(factor > 1 ? 'slower' : 'faster');
      }),
    );
  });

  test('knows nothing from fewer than ten rounds', () => {
    const [a, b] = [new Array(9).fill(1), new Array(9).fill(2)];
    expect(compare(a, b)).toBe('open');
    expect(compare([...a, 1], [...b, 2])).toBe('faster');
  });

  test('looks at the rounds that both were in', () => {
    expect(logRatios([2, 2], [1, 1, 9])).toEqual([Math.log(2), Math.log(2)]);
  });

  test.each([
    [0.2 * TIE, 'tied'],
    [2 * TIE, 'open'],
  ])('takes a gap of %d, hidden in noise, for %s', (wide, order) => {
    const random = mulberry32(5);
    const noisy = (time: number) =>
      Array.from({ length: 60 }, () => time * (1 + 0.03 * (random() - 0.5) ** 3));
    // Above and below in turn: no interval leaves 0 out.
    const around = noisy(100).map((time, i) => time * (1 + (i % 2 ? wide : -wide)));
    expect(compare(around, noisy(100))).toBe(order);
  });

  test('takes equal times of a coarse clock for a tie, also where they are 0', () => {
    expect(compare(new Array(12).fill(3), new Array(12).fill(3))).toBe('tied');
    expect(compare(new Array(12).fill(0), new Array(12).fill(0))).toBe('tied');
  });
});
