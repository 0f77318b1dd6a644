import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tapSet } from '../../generator/taps.js';
import { lineTile } from '../../generator/tile.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';

/** Loads an output: inputs that the tile reads over its outputs. */
function loadsPerOutput(angle: number, length: number): number {
  const taps = tapSet(31, angle);
  const tile = lineTile(taps, length);
  const seen = new Set(
    tile.outputs.flatMap(({ y, x }) => taps.taps.map(({ dy, dx }) => `${y + dy},${x + dx}`)),
  );
  return seen.size / length;
}

describe('lineTile', () => {
  it.each([
    [0, 14, 44 / 14],
    [90, 14, 44 / 14],
    [45, 14, 34 / 14],
    [135, 14, 34 / 14],
    [22.5, 14, 78 / 14],
    [67.5, 14, 78 / 14],
    [0, 28, 58 / 28],
    [45, 28, 48 / 28],
    [22.5, 28, 106 / 28],
  ])('at %d degrees and T = %d loads %f inputs an output', (angle, length, loads) => {
    expect(loadsPerOutput(angle, length)).toBe(loads);
  });

  it('runs along rows where the line is steep and along columns where it is not', () => {
    expect(lineTile(tapSet(31, 90), 3).outputs).toEqual([
      { y: 0, x: 0 },
      { y: 1, x: 0 },
      { y: 2, x: 0 },
    ]);
    expect(lineTile(tapSet(31, 45), 3).outputs).toEqual([
      { y: 0, x: 0 },
      { y: -1, x: 1 },
      { y: -2, x: 2 },
    ]);
  });

  it('advances by one output along its major axis', () => {
    fc.assert(
      fc.property(anyKernel, anyAngle, fc.integer({ min: 1, max: 20 }), (kernel, angle, length) => {
        const tile = lineTile(tapSet(kernel, angle), length);
        expect(tile.outputs.map((output) => output[tile.major])).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });
});
