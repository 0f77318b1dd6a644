import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mirrored, type Picture } from '../../cli/image.js';
import { smooth, smoothingProblem, smoothingWeights } from '../../cli/smooth.js';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { openCpu } from '../../runtime/cpu.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';

const plain = (width: number, height: number, rgb: readonly number[]): Picture => ({
  kind: 'picture',
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!),
});

async function smoothed(picture: Picture, kernel: number, angles: readonly number[]) {
  const margin = Math.floor(kernel / 2);
  const framed = await mirrored(picture, margin);
  const convolution = await openCpu({ threads: 1 }).load(smoothingProblem(framed, kernel, angles));
  return await smooth(convolution, framed, margin);
}

test('weights are symmetric, largest in the middle, and add to one', () => {
  fc.assert(
    fc.property(anyKernel, (kernel) => {
      const weights = smoothingWeights(kernel);
      expect(weights).toHaveLength(kernel);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(weights).toEqual(weights.toReversed());
      expect(Math.max(...weights)).toBe(weights[(kernel - 1) / 2]);
    }),
  );
});

test('one launch: three channels an angle', () => {
  const p = smoothingProblem(plain(20, 10, [0, 0, 0]), 7, PAPER_ANGLES);
  expect(p).toMatchObject({
    layout: 'nhwc',
    channels: 24,
    height: 10,
    width: 20,
    batch: 1,
    angles: PAPER_ANGLES,
  });
});

test('a picture of one colour stays as it is at any angle, up to its edges', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyKernel,
      fc.array(anyAngle, { minLength: 1, maxLength: 4 }),
      async (kernel, angles) => {
        const picture = plain(9, 6, [200, 100, 3]);
        for (const one of await smoothed(picture, kernel, angles)) expect(one).toEqual(picture);
      },
    ),
    { numRuns: 15 },
  );
});

test('a line along the direction keeps its colour, a line across it fades', async () => {
  const size = 21;
  const picture = plain(size, size, [0, 0, 0]);
  for (let x = 0; x < size; x++) picture.pixels.set([250, 0, 125], (10 * size + x) * 3); // a level line
  const [along, across] = await smoothed(picture, 9, [0, 90]);
  const middle = (one: Picture) => [...one.pixels.subarray((10 * size + 10) * 3, (10 * size + 10) * 3 + 3)];
  expect(middle(along!)).toEqual([250, 0, 125]);
  const weight = smoothingWeights(9)[4]!;
  expect(middle(across!)).toEqual([Math.round(250 * weight), 0, Math.round(125 * weight)]);
});
