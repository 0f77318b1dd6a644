import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planeTile, rowLoads } from '../../../generator/families/whole_row.js';
import { type ProblemSpec, problem } from '../../../generator/problem.js';
import { squareTapSet, tapSet } from '../../../generator/taps.js';
import { anyAngle, anyKernel } from '../../support/arbitrary.js';
import { rowProgram } from '../../support/programs.js';

const LENGTHS = { shallow: 28, steep: 14 };
const layer = (change: Partial<ProblemSpec> = {}) =>
  problem({ height: 28, width: 28, kernel: 31, angles: [0], layout: 'nchw', ...change });
const tile = (change: Partial<ProblemSpec>, angle = 22.5, diagonal: 'x' | 'y' = 'x') =>
  planeTile(layer(change), tapSet(31, angle), LENGTHS, diagonal);
const line = (major: 'x' | 'y', length: number) => ({
  form: 'line',
  major,
  step: major === 'x' ? { y: 1, x: length } : { y: length, x: 1 },
});

describe('planeTile', () => {
  it('is a whole row for shallow lines, where it is as long as one of whole fours', () => {
    expect(tile({})).toMatchObject({ form: 'straight', major: 'x', step: { y: 1, x: 28 } });
    expect(tile({}, 0)).toMatchObject({ form: 'straight' });
    expect(tile({ height: 7 })).toMatchObject({ form: 'straight' });
    expect(tile({ width: 56 })).toMatchObject(line('x', 28));
    expect(tile({ stride: 2 })).toBe(28);
    const narrow = planeTile(layer({ width: 14 }), tapSet(31, 0), { shallow: 14, steep: 7 }, 'x');
    expect(narrow).toMatchObject(line('x', 14));
  });

  it('leaves steep lines alone, and makes those at 45 degrees such beside whole rows', () => {
    expect(tile({}, 67.5)).toMatchObject(line('y', 14));
    expect(tile({}, 90)).toMatchObject(line('y', 14));
    expect(tile({}, 45)).toMatchObject(line('y', 14));
    const diagonal = (axis: 'x' | 'y') => planeTile(layer(), tapSet(31, 45), { shallow: 7, steep: 14 }, axis);
    expect(diagonal('x')).toMatchObject(line('x', 7));
    expect(diagonal('y')).toMatchObject(line('y', 14));
  });

  it('leaves the rectangles of square filters alone', () => {
    const square = problem({ height: 28, width: 28, filter: 'square', kernel: 7, layout: 'nchw' });
    for (const diagonal of ['x', 'y'] as const)
      expect(planeTile(square, squareTapSet(7), LENGTHS, diagonal)).toBe(28);
  });
});

describe('rowLoads', () => {
  it('has every load once, row by row, in fours that lie in the plane', () => {
    const anyPlane = fc.record({
      height: fc.integer({ min: 1, max: 12 }),
      width: fc.constantFrom(4, 8, 12, 28),
    });
    fc.assert(
      fc.property(anyKernel, anyAngle, anyPlane, (kernel, angle, plane) => {
        const program = rowProgram(kernel, angle, plane);
        const rows = rowLoads(program);
        expect(rows.flatMap(({ fours }) => fours.flatMap(({ loads }) => loads))).toEqual(program.loads);
        expect(new Set(rows.map(({ dy }) => dy)).size).toBe(rows.length);
        for (const { dy, fours } of rows)
          for (const { dx, loads } of fours) {
            expect(dx % 4 === 0 && dx >= 0 && dx + 4 <= plane.width).toBe(true);
            expect(loads.every((load) => load.dy === dy && Math.floor(load.dx / 4) * 4 === dx)).toBe(true);
          }
      }),
    );
  });
});
