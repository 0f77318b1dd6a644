import { commonGuards } from '../guard.js';
import { memoizeEach } from '../memo.js';
import { insideShare, multiplyAdds, type Program } from '../program.js';
import { uniformAxis } from './guarded_text.js';
import { FOUR, fourCount, isWholeRow, rowLoads } from './whole_row.js';

// What a tile's loads cost as guarded_text.ts writes them.

/** Instructions of a warp for a tile beside its loads and multiply-adds: places, sums, and of a pixel its test and store. */
const START = 30;
const PIXEL = 3;
/** Those of a branch that lanes of a warp take apart. */
const BRANCH = 4;

/**
 * Instructions of a warp for a tile: those that it skips where its lanes agree are not counted.
 * @param work times that a multiply-add, and a pixel, is done: twice for both gradients
 */
export function guardedInstructions(program: Program, banded: boolean, work = 1): number {
  if (isWholeRow(program)) return rowInstructions(program, work);
  const uniform = uniformAxis(program, banded);
  const shares = program.loads.map((load) => (uniform ? insideShare(program, load, uniform) : 1));
  const loads = program.loads.reduce((sum, { uses }, i) => sum + shares[i]! * (1 + work * uses.length), 0);
  return loads + testsOf(program) + work * PIXEL * program.tile.outputs.length + START;
}

/** Of a whole row: branches around rows, loads of fours. */
function rowInstructions(program: Program, work: number): number {
  const pixels = (work * program.tile.outputs.length * PIXEL) / FOUR;
  return (
    rowLoads(program).length * BRANCH + fourCount(program) + work * multiplyAdds(program) + pixels + START
  );
}

/** Tests of loads, and for one that has its own its zero. */
const testsOf = memoizeEach((program: Program): number => {
  const loadsOf = new Map<string, number>();
  for (const load of program.loads) {
    const test = commonGuards(program, load)
      .map(({ axis, offset }) => `${axis}${offset}`)
      .join();
    if (test) loadsOf.set(test, (loadsOf.get(test) ?? 0) + 1);
  }
  return [...loadsOf.values()].reduce((sum, loads) => sum + (loads === 1 ? 2 : 1), 0);
});
