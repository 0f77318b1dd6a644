import { expect, test } from 'vitest';
import { parametersOf } from '../../../bench/parameters.js';
import { firstImages, layerOperands } from '../../../bench/table5/expected.js';
import { LAYOUTS, OPS, problem } from '../../../generator/problem.js';
import { expectedOf } from '../../../tuner/trial/operands.js';
import { tensorsOf } from '../../../tuner/trial/tensors.js';

const layer = (layout: 'nchw' | 'nhwc', batch: number) =>
  problem({ layout, height: 5, width: 4, kernel: 5, angles: [22.5, 90], channels: 6, batch });

test.each(LAYOUTS.flatMap((layout) => [1, 5].map((batch) => [layout, batch] as const)))(
  'in %s at N = %i all operations expect what their own references say',
  (layout, batch) => {
    const first = firstImages(layer(layout, batch));
    expect(first.images).toBe(Math.min(batch, 2));
    const all = layerOperands(layer(layout, batch), first);
    for (const op of OPS) {
      const asked = problem({ ...layer(layout, batch), op });
      const { expected, ...given } = all[op];
      expect(given.parameters).toEqual(parametersOf(asked));
      const own = expectedOf(asked, given);
      for (const { name } of tensorsOf(asked).written) {
        expect(expected[name], `${op} ${name}`).toHaveLength(own[name].length);
        expected[name].forEach((value, i) => {
          expect(value).toBeCloseTo(own[name][i]!, 10);
        });
      }
    }
  },
);
