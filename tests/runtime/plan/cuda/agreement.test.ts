import { expect, it } from 'vitest';
import type { Product } from '../../../../generator/operations/operation.js';
import type { ProductTensors } from '../../../../runtime/cuda/blas.js';
import type { CudaDevice } from '../../../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../../../runtime/cuda/launch.js';
import type { CudaTensor } from '../../../../runtime/cuda/tensor.js';
import { agreeing } from '../../../../runtime/plan/cuda/agreement.js';
import type { ProductWay } from '../../../../runtime/plan/cuda/product_way.js';
import { plainProduct } from '../../../support/cuda_operation_case.js';
import { fractions } from '../../../support/numbers.js';

const PIXELS = 6;
const ROWS = 3 * PIXELS;
const [INNER, OUTER] = [4, 3];

const data = (tensor: CudaTensor) => tensor as unknown as Float32Array;
const tensor = (values: Float32Array) => values as unknown as CudaTensor;
const launch = (run: () => void) => ({ run }) as unknown as CudaLaunch;

/** A device whose tensors are arrays. */
const DEVICE = {
  fill: (its: CudaTensor, value: number) => launch(() => void data(its).fill(value)),
  upload: (its: CudaTensor, array: Float32Array, at = 0) => data(its).set(array, at),
  download: (its: CudaTensor, array: Float32Array, at = 0) =>
    array.set(data(its).subarray(at, at + array.length)),
} as unknown as CudaDevice;

/** Where a row's number lies in planes, and in rows. */
const inPlanes = (row: number, column: number) =>
  (Math.floor(row / PIXELS) * OUTER + column) * PIXELS + (row % PIXELS);
const inRows = (row: number, column: number) => row * OUTER + column;

/** @param made of a number: the sum of products and what is added */
function way(
  name: string,
  made: (sum: number, added: (place: typeof inRows) => number, before: number) => number,
  rowOf = (row: number) => row,
): ProductWay {
  const bind = ({ input, weight, residual, output }: ProductTensors) =>
    launch(() => {
      const before = data(residual ?? output).slice();
      for (let row = 0; row < ROWS; row++)
        for (let column = 0; column < OUTER; column++) {
          let sum = 0;
          for (let i = 0; i < INNER; i++)
            sum += data(input)[rowOf(row) * INNER + i]! * data(weight)[column * INNER + i]!;
          const at = inPlanes(row, column);
          data(output)[at] = made(sum, (place) => before[place(row, column)]!, data(output)[at]!);
        }
    });
  return { name, bind };
}

const RIGHT = way('right', (sum, added) => sum + added(inPlanes));
const WAYS = [
  way('right, too', (sum, added) => added(inPlanes) + sum),
  way('does nothing', (_sum, _added, before) => before),
  way('adds no product', (_, added) => added(inPlanes)),
  way('adds nothing', (sum) => sum),
  way('takes what is added for rows', (sum, added) => sum + added(inRows)),
  way(
    'takes other rows',
    (sum, added) => sum + added(inPlanes),
    (row) => ROWS - 1 - row,
  ),
];

// A network's gamma may be as small.
it.each([1, 1e-3, 1e-6])('tells ways that are wrong, in place and in planes, with weights of %d', (scale) => {
  const op: Product = { ...plainProduct(INNER, OUTER, true), planes: { pixels: PIXELS, of: 'output' } };
  const sum = tensor(new Float32Array(ROWS * OUTER));
  const tensors: ProductTensors = {
    input: tensor(new Float32Array(ROWS * INNER)),
    weight: tensor(fractions(OUTER * INNER).map((value) => scale * value)),
    bias: tensor(new Float32Array(OUTER)),
    residual: sum,
    output: sum,
  };
  const found = agreeing(WAYS, RIGHT, DEVICE, op, ROWS, tensors);
  expect(found.map(({ name }) => name)).toEqual(['right, too']);
});
