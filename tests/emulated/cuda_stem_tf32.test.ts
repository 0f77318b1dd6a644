import { expect, it } from 'vitest';
import { tensorStem } from '../../generator/operations/cuda/stem_tf32.js';
import { STEM_SHAPES, type StemShape } from '../../generator/operations/cuda/stem_tiling.js';
import type { Stem } from '../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { cudaOperationCase, inaccuracy } from '../support/cuda_operation_case.js';
import { emulatedOperation } from '../support/emulated_operation.js';
import { emulate } from '../support/emulation.js';
import { someOperations } from '../support/operation_case.js';

function stem(
  [height, width, planes]: readonly [number, number, number],
  [channels, kernel, stride]: readonly [number, number, number],
  angles: readonly number[] = PAPER_ANGLES,
): Stem {
  return { kind: 'stem', height, width, planes, channels, kernel, angles, stride };
}

/** So few bits that products of two weights are in TF32, too. */
function exact(values: Float32Array): Float32Array {
  return values.map((value) => Math.round(value * 16) / 16);
}

/** A block has several, one after the other, whose edges stick out of the image. */
const SMALL: StemShape = { region: { height: 8, width: 8 }, high: 2, warps: 2, fetchers: 1 };

/** Regions as they are, one and a part of another; all directions; channels in fours, by one, and more of them than warps have at a time; one plane, and strides that are not two; any. */
const CASES: readonly (readonly [Stem, number])[] = [
  [stem([56, 40, 3], [16, 5, 2], [0, 45]), 1],
  [stem([15, 20, 3], [16, 15, 2]), 1],
  [stem([15, 24, 3], [12, 31, 2], [90, 22.5, 10]), 1],
  [stem([17, 12, 3], [7, 9, 2]), 1],
  [stem([20, 18, 2], [38, 5, 2], [0, 45, 90]), 1],
  [stem([14, 20, 1], [8, 7, 1], [45]), 1],
  [stem([34, 50, 3], [16, 9, 3], [0, 67.5]), 1],
  ...someOperations(3, 5).flatMap(({ operation, count }) =>
    operation.kind === 'stem' ? [[operation, count] as const] : [],
  ),
];

it('stems by tensor cores are the formula, and touch nothing beside their arrays', async () => {
  const given = CASES.map(([op, count]) => cudaOperationCase(op, count, exact));
  const runs = given.map((one, i) => {
    const shapes = i === 0 ? STEM_SHAPES : [SMALL];
    const kernel = tensorStem(CASES[i]![0], { images: 1, multiprocessors: 1 }, shapes)!;
    return emulatedOperation(one, { kernel });
  });
  const outputs = await emulate(runs);
  expect(given.map((one, i) => inaccuracy(one, outputs[i]!, 4e-6)).filter(Boolean)).toEqual([]);
});
