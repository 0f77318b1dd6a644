import { describe, expect, it } from 'vitest';
import { guardedInstructions } from '../../../generator/families/guarded_cost.js';
import { uniformAxis } from '../../../generator/families/guarded_text.js';
import { multiplyAdds } from '../../../generator/program.js';
import { lineProgram, rowProgram } from '../../support/programs.js';

const plane = { height: 28, width: 28, stride: 1 };

describe('the cost of guarded loads', () => {
  // Of a tile's loop, in cubins for sm_90 (docs/gpu-kernels.md).
  it.each([
    [0, 1, 293],
    [22.5, 1, 327],
    [45, 1, 253],
    [0, 2, 542],
    [22.5, 2, 572],
    [45, 2, 419],
  ])(
    'at %d degrees, %i times, is near the %i instructions that a compiler makes',
    (angle, work, compiled) => {
      const counted = guardedInstructions(lineProgram(31, angle, 7, plane), false, work);
      expect(counted / compiled).toBeGreaterThan(0.88);
      expect(counted / compiled).toBeLessThan(1.12);
    },
  );

  it.each([
    [0, 1, 653],
    [22.5, 1, 758],
    [0, 2, 1333],
    [22.5, 2, 1396],
  ])('of whole rows at %d degrees, %i times, is near the %i of a cubin', (angle, work, compiled) => {
    const counted = guardedInstructions(rowProgram(31, angle, plane), false, work);
    expect(counted / compiled).toBeGreaterThan(0.94);
    expect(counted / compiled).toBeLessThan(1.06);
  });

  it('leaves out what warps of steep lines skip, as far as rows are tested together', () => {
    const program = lineProgram(31, 90, 7, plane);
    expect([uniformAxis(program, false), uniformAxis(program, true)]).toEqual(['y', undefined]);
    expect(uniformAxis(lineProgram(31, 0, 7, plane), false)).toBeUndefined();
    const skipped = guardedInstructions(program, true) - guardedInstructions(program, false);
    expect(skipped / multiplyAdds(program)).toBeGreaterThan(0.25);
    expect(skipped / multiplyAdds(program)).toBeLessThan(0.45);
  });
});
