import { expect, it } from 'vitest';
import { type TensorTile, tensorProduct } from '../../generator/operations/cuda/product_tf32.js';
import { warpgroupProduct } from '../../generator/operations/cuda/product_warpgroup.js';
import type { GeluForm, Planes, Product } from '../../generator/operations/operation.js';
import { cudaOperationCase, inaccuracy, overOf } from '../support/cuda_operation_case.js';
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
};

/** Of rows and columns that tiles do not divide; few rows, over the residual; one step. */
const WIDE = product(160, 98, 'exact');
const FEW = product(96, 30, null, true);
const TANH = product(160, 68, 'tanh');
const SHORT = product(32, 100, null);
const OVER = product(96, 80, null, true);
/** Rows of several images in a tile, with what is added in planes. */
const withPlanes = (of: Planes<'residual' | 'output'>['of'], residual = true): Product => ({
  ...product(96, 80, null, residual),
  planes: { pixels: 30, of },
});

/**
 * Warps that each multiply, beside and below one another, and warps that multiply as one; more stages than steps, and fewer; warpgroups that
 * take several turns, and one without a tile.
 */
const CASES = [
  {
    op: WIDE,
    rows: 53,
    kernel: tensorProduct(WIDE, { ...SMALL, rows: 32, columns: 64, down: 1, across: 2 }),
  },
  { op: FEW, rows: 5, kernel: tensorProduct(FEW, { ...SMALL, down: 2, across: 2, stages: 4 }) },
  { op: TANH, rows: 85, kernel: warpgroupProduct(TANH, { rows: 64, columns: 32, groups: 2, stages: 3 }) },
  { op: SHORT, rows: 149, kernel: warpgroupProduct(SHORT, { rows: 128, columns: 64, groups: 3, stages: 2 }) },
  { op: OVER, rows: 330, kernel: warpgroupProduct(OVER, { rows: 64, columns: 48, groups: 3, stages: 4 }) },
  ...[withPlanes('output'), withPlanes('residual'), withPlanes('output', false)].flatMap((op) => [
    { op, rows: 150, kernel: tensorProduct(op, { ...SMALL, down: 2, across: 2 }) },
    { op, rows: 150, kernel: warpgroupProduct(op, { rows: 64, columns: 96, groups: 2, stages: 3 }) },
  ]),
];

it('products by tensor cores are the formula, and touch nothing beside their arrays', async () => {
  const given = CASES.map(({ op, rows }) => cudaOperationCase(op, rows, exact));
  const runs = given.map((one, i) => {
    const { op, kernel } = CASES[i]!;
    const over = overOf(op);
    return emulatedOperation(one, { kernel, ...(over && { over }) });
  });
  const outputs = await emulate(runs);
  expect(given.map((one, i) => inaccuracy(one, outputs[i]!, 4e-6)).filter(Boolean)).toEqual([]);
});
