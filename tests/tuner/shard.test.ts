import fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemName } from '../../generator/name.js';
import { type Problem, problem } from '../../generator/problem.js';
import { shardOf } from '../../tuner/shard.js';

const ALL = Array.from({ length: 30 }, (_, i) =>
  problem({ height: 7 + i, width: 7, kernel: 3, angles: [0], channels: 16 }),
);
const names = (problems: readonly Problem[]) => problems.map(problemName);

test('shares are disjoint, together the list, and equal but for one, in whatever order it was given', () => {
  const list = fc.shuffledSubarray(ALL);
  const pair = list.chain((given) =>
    fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
  );
  fc.assert(
    fc.property(pair, fc.integer({ min: 1, max: 40 }), ([given, again], count) => {
      const shares = (of: readonly Problem[]) =>
        Array.from({ length: count }, (_, i) => names(shardOf(of, { index: i + 1, count })));
      const all = shares(given);
      expect(all.flat().toSorted()).toEqual(names(given).toSorted());
      const lengths = all.map((share) => share.length);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      expect(shares(again)).toEqual(all);
    }),
  );
});

test('neighbours of the list, alike in size, go to different shares', () => {
  const first = shardOf(ALL, { index: 1, count: 2 }).map(({ height }) => height);
  expect(first).toHaveLength(15);
  expect(Math.max(...first)).toBeGreaterThan(30);
  expect(Math.min(...first)).toBeLessThan(15);
});
