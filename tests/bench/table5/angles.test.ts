import { expect, test } from 'vitest';
import {
  AS_PUBLISHED_NOTE,
  PUBLISHED_ANGLES,
  PUBLISHED_NUMBERS,
  TRUE_ANGLES,
} from '../../../bench/table5/angles.js';
import { PAPER_ANGLES } from '../../../generator/problem.js';
import { tapSet, tapSetKey } from '../../../generator/taps.js';

test("the table's own angles are the paper's", () => {
  expect(TRUE_ANGLES.map(({ angle }) => angle)).toEqual(PAPER_ANGLES);
  expect(TRUE_ANGLES[3]).toEqual({ label: '67.5°', angle: 67.5 });
});

test('the published numbers have 66.75 for 67.5, and are the others', () => {
  expect(PUBLISHED_NUMBERS.map((number, i) => number - PAPER_ANGLES[i]!)).toEqual([
    0, 0, 0, -0.75, 0, 0, 0, 0,
  ]);
});

/** Taps with theta in radians, by the definition. */
function tapsOfRadians(kernel: number, radians: number): string[] {
  const [sin, cos] = [
    Math.fround(Math.sin(Math.fround(radians))),
    Math.fround(Math.cos(Math.fround(radians))),
  ];
  return Array.from({ length: kernel }, (_, k) => {
    const from = k - Math.floor(kernel / 2);
    return `${Math.trunc(Math.fround(-sin * from)) + 0},${Math.trunc(Math.fround(cos * from)) + 0}`;
  });
}

test.each([7, 31])('as published, K = %i has the taps of those numbers taken as radians', (kernel) => {
  PUBLISHED_ANGLES.forEach(({ label, angle }, i) => {
    const taps = tapSet(kernel, angle).taps.flatMap((tap) =>
      tap.weights.map((k) => [k, `${tap.dy},${tap.dx}`]),
    );
    const expected = tapsOfRadians(kernel, PUBLISHED_NUMBERS[i]!).map((tap, k) => [k, tap]);
    expect(
      taps.toSorted((a, b) => Number(a[0]) - Number(b[0])),
      label,
    ).toEqual(expected);
    expect(angle).toBeGreaterThanOrEqual(0);
    expect(angle).toBeLessThan(360);
  });
});

test('most of them are other directions than those that were meant', () => {
  const same = PUBLISHED_ANGLES.filter(
    ({ angle }, i) => tapSetKey(tapSet(31, angle)) === tapSetKey(tapSet(31, PAPER_ANGLES[i]!)),
  );
  expect(same.map(({ label }) => label)).toEqual(['0 rad']);
});

test('the note names every one', () => {
  for (const { angle } of PUBLISHED_ANGLES) expect(AS_PUBLISHED_NOTE).toContain(`${angle}°`);
});
