import { type Group, groups } from '../group.js';
import { memoizeEach } from '../memo.js';
import type { Problem } from '../problem.js';
import { turnedTaps } from '../taps.js';
import { lineTile } from '../tile.js';

// A ring goes down its planes band by band, which suits lines along rows: a tile waits for the bands that its line crosses. Where
// all lines are steep, rings are turned: columns take the place of rows, in the bands, in shared memory and in taps, and
// the line is the shallow one that it mirrors. So an angle costs what its image does.

/** Whether a layer's rings have the planes' columns for rows. */
export const isTurned = memoizeEach(
  (problem: Problem): boolean =>
    problem.filter === 'line' && groups(problem).every(({ taps }) => lineTile(taps, 1).major === 'y'),
);

/** The layer as its rings see it. */
export const ringLayer = memoizeEach(
  (problem: Problem): Problem =>
    isTurned(problem) ? Object.freeze({ ...problem, height: problem.width, width: problem.height }) : problem,
);

/** A direction as they see it. */
export function ringGroup(problem: Problem, group: Group): Group {
  return isTurned(problem) ? { ...group, taps: turnedTaps(group.taps) } : group;
}
