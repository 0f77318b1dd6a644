import { expect, it } from 'vitest';
import { ringGradPlan } from '../../../generator/families/cuda_ring_grad/plan.js';
import { lineGroups } from '../../../generator/families/ring.js';
import { innerGroups, isPartlyInner } from '../../../generator/families/ring_inner.js';
import { problem } from '../../../generator/problem.js';

/** Groups of lines of each direction, and how many of them have nothing to move or test with so many rows of zeros. */
function groupsOf(angles: readonly number[], channels: 16 | 32, margin: number) {
  const layer = { op: 'backward', layout: 'nhwc', height: 15, width: 12, kernel: 7, angles } as const;
  const plan = ringGradPlan(problem({ ...layer, channels: 32 * angles.length }), {
    channels,
    tiles: 3,
    warps: 3,
    resident: 1,
    images: 1,
    bands: 3,
    depth: 1,
    shared: 0,
    ahead: 1,
    skip: 0,
    order: 0,
    producer: 1,
    lag: 0,
    run: 1,
    inner: margin + 1,
  });
  return plan.bodies.map(({ part }) => ({
    all: lineGroups(plan, part),
    inner: innerGroups(plan, part),
    partly: isPartlyInner(plan, part),
  }));
}

// Tiles of four pixels at 45 degrees lie on lines 0 to -3 and read two lines more on either side: K = 7 reaches two. So
// tiles are on lines 0 to 17 of 15 rows, those of lines 5 to 12 read no other ones, and by a margin those of 3 to 14.
it.each([
  [32, 0, 8],
  [32, 1, 10],
  [32, 2, 12],
  [32, 3, 12],
  [16, 0, 3],
  [16, 1, 5],
  [16, 2, 5],
] as const)(
  'of %i channels and %i rows of zeros has %i inner groups at 45 degrees',
  (channels, margin, inner) => {
    const [one] = groupsOf([45], channels, margin);
    expect(one).toEqual({ all: Math.ceil(18 / (32 / channels)), inner, partly: true });
  },
);

it('has none to test where lines are rows', () => {
  expect(groupsOf([0], 32, 0)).toEqual([{ all: 15, inner: 15, partly: false }]);
  // Two lines a warp: the last group has a line that is none.
  expect(groupsOf([0], 16, 0)).toEqual([{ all: 8, inner: 7, partly: true }]);
});

it('reads zeros above and below with shallow lines alone', () => {
  const steep = (margin: number) => groupsOf([0, 67.5], 32, margin)[1];
  expect(steep(2)).toEqual(steep(0));
});
