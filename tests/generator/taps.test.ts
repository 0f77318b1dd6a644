import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../generator/errors.js';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { tapSet, tapSetKey } from '../../generator/taps.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';

const distinct = (kernel: number, angle: number) => tapSet(kernel, angle).taps.length;

describe('tapSet', () => {
  it('folds as many taps as the paper', () => {
    expect(PAPER_ANGLES.map((angle) => distinct(31, angle))).toEqual([31, 29, 21, 29, 31, 29, 21, 29]);
    expect([0, 22.5, 45].map((angle) => distinct(15, angle))).toEqual([15, 13, 9]);
    expect([0, 22.5, 45].map((angle) => distinct(7, angle))).toEqual([7, 5, 5]);
  });

  it('points up and to the right as the angle grows', () => {
    expect(tapSet(3, 0).taps.map(({ dy, dx }) => [dy, dx])).toEqual([
      [0, -1],
      [0, 0],
      [0, 1],
    ]);
    expect(tapSet(3, 90).taps.map(({ dy, dx }) => [dy, dx])).toEqual([
      [1, 0],
      [0, 0],
      [-1, 0],
    ]);
  });

  it('rounds in float32: sin of 30 degrees is exactly a half there', () => {
    expect(tapSet(5, 30).taps.map(({ dy }) => dy)).toEqual([1, 0, -1]);
    expect(tapSet(5, 30).taps.map(({ weights }) => weights)).toEqual([[0], [1, 2, 3], [4]]);
  });

  it('uses every weight once, folds neighbours only, and has its centre at the pixel itself', () => {
    fc.assert(
      fc.property(anyKernel, anyAngle, (kernel, angle) => {
        const { taps } = tapSet(kernel, angle);
        expect(taps.flatMap(({ weights }) => weights)).toEqual(Array.from({ length: kernel }, (_, k) => k));
        const centre = taps.find(({ weights }) => weights.includes((kernel - 1) / 2));
        expect([centre?.dy, centre?.dx]).toEqual([0, 0]);
        expect(new Set(taps.map(({ dy, dx }) => `${dy},${dx}`)).size).toBe(taps.length);
      }),
    );
  });

  it('gives angles with equal pixels one key', () => {
    expect(tapSetKey(tapSet(7, 45))).toBe(tapSetKey(tapSet(7, 45.01)));
    expect(tapSetKey(tapSet(7, 45))).not.toBe(tapSetKey(tapSet(7, 135)));
  });

  it.each([
    [0, 'kernel-range'],
    [-3, 'kernel-range'],
    [2.5, 'kernel-range'],
    [4097, 'kernel-range'],
    [4, 'kernel-even'],
  ])('refuses K = %d', (kernel, code) => {
    expect(() => tapSet(kernel, 0)).toThrow(ProblemError);
    expect(() => tapSet(kernel, 0)).toThrow(expect.objectContaining({ code }));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses an angle of %d', (angle) => {
    expect(() => tapSet(3, angle)).toThrow(expect.objectContaining({ code: 'angle-finite', fault: 'user' }));
  });
});
