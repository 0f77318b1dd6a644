import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neighbours, place, squaredDistance } from '../../../tuner/search/terrain.js';
import { grid, terrains } from '../../support/terrain.js';

test('neighbours differ in one parameter, by the next value that there is', () => {
  const { candidates } = grid({ tile: [1, 4, 7, 14], fold: [0, 1] }, () => 1);
  const at = (tile: number, fold: number) =>
    candidates.find(({ params }) => params.tile === tile && params.fold === fold)!;
  expect(new Set(neighbours(at(7, 0), candidates))).toEqual(new Set([at(4, 0), at(14, 0), at(7, 1)]));
  const holed = candidates.filter((one) => one !== at(4, 0));
  expect(new Set(neighbours(at(7, 0), holed))).toEqual(new Set([at(1, 0), at(14, 0), at(7, 1)]));
  const other = { family: 'tall', params: { tile: 4, fold: 0 } };
  expect(neighbours(other, candidates)).toEqual([]);
});

test('neighbours are mutual', () => {
  fc.assert(
    fc.property(terrains, ({ candidates }) => {
      for (const one of candidates)
        for (const other of neighbours(one, candidates)) expect(neighbours(other, candidates)).toContain(one);
    }),
  );
});

test('a distance counts doublings, and does not depend on the order of parameters', () => {
  const from = place({ family: 'wide', params: { tile: 1, fold: 0 } });
  expect(squaredDistance(from, place({ family: 'wide', params: { fold: 1, tile: 7 } }))).toBeCloseTo(5);
  expect(squaredDistance(from, place({ family: 'tall', params: { tile: 1, fold: 0 } }))).toBe(Infinity);
});
