import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scoring } from '../../../runtime/tasks/score.js';
import { crossEntropy } from '../../../runtime/tasks/softmax.js';
import { rankOf, topClasses } from '../../../runtime/tasks/top_classes.js';

const logits = fc
  .array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1, maxLength: 30 })
  .map((values) => Float32Array.from(values));

test('candidates are the likeliest classes, and all of them are certain', () => {
  fc.assert(
    fc.property(logits, fc.integer({ min: 1, max: 40 }), (row, count) => {
      const top = topClasses(row, count);
      expect(top).toHaveLength(Math.min(count, row.length));
      const shown = new Set(top.map((one) => one.class));
      expect(shown.size).toBe(top.length);
      const least = row[top.at(-1)!.class]!;
      for (let i = 0; i < row.length; i++) if (!shown.has(i)) expect(row[i]).toBeLessThanOrEqual(least);
      for (const [i, { probability }] of top.entries())
        if (i > 0) expect(probability).toBeLessThanOrEqual(top[i - 1]!.probability);
      const all = topClasses(row, row.length).reduce((sum, { probability }) => sum + probability, 0);
      expect(all).toBeCloseTo(1, 10);
    }),
  );
});

test('a rank is the place among the candidates, and the loss that of its probability', () => {
  fc.assert(
    fc.property(logits, fc.nat(), (row, seed) => {
      const label = seed % row.length;
      const all = topClasses(row, row.length);
      const place = all.findIndex((one) => one.class === label);
      expect(rankOf(row, label)).toBe(place);
      expect(crossEntropy(row, label)).toBeCloseTo(-Math.log(all[place]!.probability), 6);
    }),
  );
});

test('large numbers do not overflow, and equal ones come in order', () => {
  expect(crossEntropy(Float32Array.of(1000, 1000), 1)).toBeCloseTo(Math.LN2, 10);
  expect(topClasses(Float32Array.of(2, 7, 7, 2), 3).map((one) => one.class)).toEqual([1, 2, 0]);
});

test('what is not a number is never right', () => {
  expect(rankOf(Float32Array.of(Number.NaN, 1), 0)).toBe(Number.POSITIVE_INFINITY);
  const scoring = new Scoring();
  scoring.add(Float32Array.of(Number.NaN, Number.NaN), 0);
  expect(scoring.score()).toEqual({ images: 1, top1: 0, top5: 0, loss: Number.NaN });
});

test('a score is of all images', () => {
  const scoring = new Scoring();
  const row = Float32Array.of(7, 6, 5, 4, 3, 2, 1);
  for (const label of [0, 0, 4, 5]) scoring.add(row, label);
  const losses = [0, 0, 4, 5].map((label) => crossEntropy(row, label));
  expect(scoring.score()).toEqual({
    images: 4,
    top1: 0.5,
    top5: 0.75,
    loss: expect.closeTo(losses.reduce((sum, loss) => sum + loss) / 4, 12),
  });
});
