import { describe, expect, it } from 'vitest';
import { lineLengths, shallowLengths } from '../../../generator/families/plane_lengths.js';
import { gradSize } from '../../../generator/gradient.js';
import { type ProblemSpec, problem } from '../../../generator/problem.js';

function shallow(width: number, change: Partial<ProblemSpec> = {}): readonly number[] {
  const layer = problem({ height: 12, width, kernel: 7, angles: [0], layout: 'nchw', ...change });
  return shallowLengths(layer, gradSize(layer).width);
}

describe('lengths of shallow tiles', () => {
  it('have whole rows among them, where tiles so long are rows in fours that registers hold', () => {
    expect(shallow(28)).toEqual([7, 28]);
    expect(shallow(32)).toEqual([7, 32]);
    for (const width of [18, 30, 36, 56]) expect(shallow(width)).toEqual([7, 14]);
    // Rows of what is 28 wide after a stride are no whole rows of the input.
    expect(shallow(56, { stride: 2 })).toEqual([7, 14]);
  });

  it('are no longer than a short line', () => {
    expect([shallow(4), shallow(10), shallow(14)]).toEqual([[4], [7], [7, 14]]);
    expect([lineLengths(3), lineLengths(7), lineLengths(56)]).toEqual([[3], [7], [7, 14]]);
  });

  it('are those of rectangles for square filters', () => {
    const square = problem({ height: 28, width: 28, filter: 'square', kernel: 7, layout: 'nchw' });
    expect(shallowLengths(square, 28)).toEqual([28, 14, 7]);
  });
});
