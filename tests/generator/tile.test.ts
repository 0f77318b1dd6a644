import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tapSet } from '../../generator/taps.js';
import { lineTile, narrowTile, type Tile } from '../../generator/tile.js';
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

/** Lines that a tile's outputs lie on. */
function linesOf({ major, outputs }: Tile): number {
  const minor = outputs.map(({ y, x }) => (major === 'y' ? x : y));
  return Math.max(...minor) - Math.min(...minor) + 1;
}

/** Inputs that a tile reads. */
function inputsOf(kernel: number, angle: number, { outputs }: Tile): number {
  const { taps } = tapSet(kernel, angle);
  return new Set(outputs.flatMap(({ y, x }) => taps.map(({ dy, dx }) => `${y + dy},${x + dx}`))).size;
}

describe('narrowTile', () => {
  it('lies on as many lines at an angle as at its image', () => {
    const lines = (angle: number) => linesOf(narrowTile(tapSet(31, angle), 14, 'x'));
    expect([22.5, 67.5, 112.5, 157.5].map(lines)).toEqual([5, 5, 5, 5]);
    expect(linesOf(lineTile(tapSet(31, 67.5), 14))).toBe(6);
  });

  it('never lies on more lines nor reads more inputs than the best tile of a line', () => {
    fc.assert(
      fc.property(anyKernel, anyAngle, fc.integer({ min: 1, max: 20 }), (kernel, angle, length) => {
        const [narrow, line] = [narrowTile, lineTile].map((tile) => tile(tapSet(kernel, angle), length, 'x'));
        expect(linesOf(narrow!)).toBeLessThanOrEqual(linesOf(line!));
        expect(inputsOf(kernel, angle, narrow!)).toBeLessThanOrEqual(inputsOf(kernel, angle, line!));
        expect(narrow!.outputs[0]).toEqual({ y: 0, x: 0 });
      }),
    );
  });
});

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
