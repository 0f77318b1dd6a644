import fc from 'fast-check';
import { expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { directions } from '../../../tuner/report/direction.js';

const far = { height: 400, width: 400, channels: 8 }; // no edge is near enough to spare a tile a load

test('a tile loads what its outputs read, each pixel once', () => {
  const layer = fc.record({
    kernel: fc.integer({ min: 0, max: 15 }).map((half) => 2 * half + 1),
    angle: fc.integer({ min: 0, max: 16 }).map((n) => n * 11.25),
    length: fc.integer({ min: 1, max: 20 }),
    stride: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(layer, ({ kernel, angle, length, stride }) => {
      const [found] = directions(problem({ ...far, kernel, stride, angles: [angle] }), { length });
      const { outputs, loads } = found!.tile!;
      const read = outputs.flatMap(({ y, x }) =>
        found!.taps.taps.map(({ dy, dx }) => `${y * stride + dy},${x * stride + dx}`),
      );
      expect(outputs).toHaveLength(length);
      expect(loads.map(({ y, x }) => `${y},${x}`).toSorted()).toEqual([...new Set(read)].toSorted());
    }),
  );
});

test('a tile is as long as the family of the winner has it', () => {
  const layer = problem({ ...far, kernel: 7, angles: [0, 90] });
  const lengths = (params: Readonly<Record<string, number>>) =>
    directions(layer, params).map(({ tile }) => tile?.outputs.length);
  expect(lengths({ length: 5 })).toEqual([5, 5]);
  expect(lengths({ shallow: 3, steep: 9 })).toEqual([3, 9]);
  expect(lengths({ tiles: 3 })).toEqual([134, 134]);
  expect(lengths({ another: 3 })).toEqual([undefined, undefined]);
});

test('a tile as long as a row is drawn as one', () => {
  const layer = problem({
    height: 28,
    width: 28,
    channels: 8,
    kernel: 31,
    angles: [22.5, 67.5],
    layout: 'nchw',
  });
  const [shallow, steep] = directions(layer, { shallow: 28, steep: 14 });
  expect(shallow!.tile!.outputs.every(({ y }) => y === 0)).toBe(true);
  expect(new Set(steep!.tile!.outputs.map(({ x }) => x)).size).toBeGreaterThan(1);
});

test('what no kernel of lines computes has its taps alone', () => {
  const spec = { ...far, kernel: 7, angles: [45, 225] };
  expect(directions(problem({ ...spec, op: 'wgrad' }), { length: 7 })).toMatchObject([
    { angle: 45 },
    { angle: 225 },
  ]);
  expect(directions(problem({ ...spec, op: 'wgrad' }), { length: 7 })[0]!.tile).toBeUndefined();
  expect(directions(problem(spec), undefined)[0]!.tile).toBeUndefined();
});
