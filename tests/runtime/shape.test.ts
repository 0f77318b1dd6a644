import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groups } from '../../generator/group.js';
import { OPS, problem } from '../../generator/problem.js';
import { shape } from '../../runtime/shape.js';
import { anyLayer } from '../support/arbitrary.js';

it('unfolds taps at 45 degrees onto the pixels that they read', () => {
  // 0.71 * 1 truncates to the centre, 0.71 * 2 to its neighbour
  const { dy, dx, first, layout } = shape(
    problem({ height: 4, width: 4, kernel: 5, angles: [45], channels: 3 }),
  );
  expect([...first]).toEqual([0, 3]);
  expect([...dy]).toEqual([1, 0, 0, 0, -1]);
  expect([...dx]).toEqual([-1, 0, 0, 0, 1]);
  expect(layout).toBe(1);
});

it('numbers operations as the addon does', () => {
  const codes = OPS.map((op) => shape(problem({ op, height: 4, width: 4, kernel: 5, angles: [45] })).op);
  expect(codes).toEqual([0, 1, 2, 3]);
});

it('gives every tap of every group its place, and every channel a group', () => {
  fc.assert(
    fc.property(anyLayer, (layer) => {
      const p = problem(layer);
      const { first, dy, dx, kernel } = shape(p);
      expect(first[0]).toBe(0);
      expect(first.at(-1)).toBe(p.channels);
      groups(p).forEach(({ taps }, g) => {
        for (const tap of taps.taps)
          for (const k of tap.weights)
            expect([dy[g * kernel + k], dx[g * kernel + k]]).toEqual([tap.dy, tap.dx]);
      });
    }),
  );
});
