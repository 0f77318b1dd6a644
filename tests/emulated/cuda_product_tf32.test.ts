import { expect, it } from 'vitest';
import { type TensorTile, tensorProduct } from '../../generator/operations/cuda/product_tf32.js';
import type { GeluForm, Product } from '../../generator/operations/operation.js';
import { cudaOperationCase, inaccuracy } from '../support/cuda_operation_case.js';
import { emulatedOperation } from '../support/emulated_operation.js';
import { emulate } from '../support/emulation.js';

function product(inner: number, outer: number, gelu: GeluForm | null, residual = false): Product {
  return { kind: 'product', inner, outer, normalize: false, gelu, residual };
}

/** What TF32 can hold, so that products are exact and sums alone are rounded. */
function exact(values: Float32Array): Float32Array {
  return values.map((value) => Math.round(value * 256) / 256);
}

const SMALL: TensorTile = {
  rows: 64,
  columns: 32,
  down: 4,
  across: 1,
  stages: 3,
  resident: 1,
  warpgroup: false,
};
/** Warps that each multiply, beside and below one another, and warps that multiply as one; more stages than steps, and fewer. */
const TILES: readonly TensorTile[] = [
  { ...SMALL, rows: 32, columns: 64, down: 1, across: 2 },
  { ...SMALL, down: 2, across: 2, stages: 4 },
  { ...SMALL, warpgroup: true },
  { ...SMALL, rows: 128, columns: 64, down: 8, warpgroup: true },
];

/** Of rows and columns that blocks do not divide; few rows, over the residual; one step. */
const CASES = [
  { op: product(160, 98, 'exact'), rows: 53 },
  { op: product(96, 30, null, true), rows: 5 },
  { op: product(160, 66, 'tanh'), rows: 85 },
  { op: product(32, 98, null), rows: 149 },
].map((one, i) => ({ ...one, tile: TILES[i]! }));

it('products by tensor cores are the formula, and touch nothing beside their arrays', async () => {
  const given = CASES.map(({ op, rows }) => cudaOperationCase(op, rows, exact));
  const runs = given.map((one, i) => {
    const { op, tile } = CASES[i]!;
    return emulatedOperation(one, {
      kernel: tensorProduct(op, tile),
      ...(op.residual && { over: 'residual' }),
    });
  });
  const outputs = await emulate(runs);
  expect(given.map((one, i) => inaccuracy(one, outputs[i]!, 4e-6)).filter(Boolean)).toEqual([]);
});
