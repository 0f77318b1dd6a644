import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonGuards, type Guard, loadGuards, storeGuards } from '../../generator/guard.js';
import { anyProgram, latticeValues, lineProgram } from '../support/programs.js';

function holds({ axis, offset, scale, size, test }: Guard, origin: { y: number; x: number }): boolean {
  const at = origin[axis] * scale + offset;
  return (test === 'below-size' || at >= 0) && (test === 'from-zero' || at < size);
}

describe('guards', () => {
  it('hold exactly where a load or a store is inside', () => {
    fc.assert(
      fc.property(anyProgram, (program) => {
        const { input, output, stride, tile } = program;
        const inside = (y: number, x: number, of: { height: number; width: number }) =>
          y >= 0 && y < of.height && x >= 0 && x < of.width;
        for (const y of latticeValues(program.origins.y))
          for (const x of latticeValues(program.origins.x)) {
            const all = (list: readonly Guard[]) => list.every((guard) => holds(guard, { y, x }));
            for (const load of program.loads)
              for (const guards of [loadGuards, commonGuards])
                expect(all(guards(program, load))).toBe(
                  inside(y * stride + load.dy, x * stride + load.dx, input),
                );
            for (const at of tile.outputs)
              expect(all(storeGuards(program, at))).toBe(inside(y + at.y, x + at.x, output));
          }
      }),
      { numRuns: 40 },
    );
  });

  it('are as few as there are tiles that a line can miss, where loads of one tile have theirs in common', () => {
    const program = lineProgram(31, 22.5, 7, { height: 28, width: 28, stride: 1 });
    const along = program.loads.flatMap((load) =>
      commonGuards(program, load).filter(({ axis }) => axis === 'x'),
    );
    expect([...new Set(along.map(({ offset, test }) => `${test} ${offset}`))]).toEqual([
      'from-zero -14',
      'from-zero -7',
      'below-size 13',
      'below-size 20',
    ]);
  });

  it('are none where nothing can be outside', () => {
    const program = lineProgram(31, 0, 14, { height: 14, width: 14, stride: 1 });
    expect(program.loads.flatMap((load) => loadGuards(program, load))).toEqual([]);
    expect(program.tile.outputs.flatMap((at) => storeGuards(program, at))).toEqual([]);
  });
});
