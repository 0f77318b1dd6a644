import { type Group, groups } from '../group.js';
import type { TensorMap } from '../launch.js';
import { memoizeEach } from '../memo.js';
import type { Problem } from '../problem.js';
import { turnedTaps } from '../taps.js';
import { majorOf } from '../tile.js';
import { type Cut, cutBy } from './chunk.js';

// A ring goes down its planes band by band, which suits lines along rows: a tile waits for the bands that its line crosses. Where
// all lines are steep, rings are turned: columns take the place of rows, in the bands, in shared memory and in taps, and
// the line is the shallow one that it mirrors. So an angle costs what its image does.

/** Whether a layer's rings have the planes' columns for rows. */
export const isTurned = memoizeEach(
  (problem: Problem): boolean =>
    problem.filter === 'line' && groups(problem).every(({ taps }) => majorOf(taps) === 'y'),
);

/** The layer as its rings see it. */
export const ringLayer = memoizeEach(
  (problem: Problem): Problem =>
    isTurned(problem) ? Object.freeze({ ...problem, height: problem.width, width: problem.height }) : problem,
);

/** How the copy engine sees a layer's tensor as its rings do. @param box channels, pixels of a line, lines */
export function ringTensor(
  { channels, height, width }: Problem,
  turned: boolean,
  box: readonly [channels: number, along: number, across: number],
): TensorMap {
  return {
    kind: 'tensor-map',
    sizes: [channels, width, height],
    // A column's pixels are rows of the tensor, as wide as the ring is high.
    ...(turned && { steps: [height * channels, channels] }),
    box: [...box, 1],
  };
}

/** A layer cut into its directions, with bodies that are made of what rings see of it. */
export function cutRing<B>(problem: Problem, bodyOf: (layer: Problem, group: Group) => B): Cut<B> {
  const [layer, turned] = [ringLayer(problem), isTurned(problem)];
  return cutBy(problem, problem.channels, (group) =>
    bodyOf(layer, turned ? { ...group, taps: turnedTaps(group.taps) } : group),
  );
}
