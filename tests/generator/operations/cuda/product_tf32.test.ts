import { describe, expect, it } from 'vitest';
import {
  isTensorProduct,
  TENSOR_TILES,
  type TensorTile,
  tensorProduct,
} from '../../../../generator/operations/cuda/product_tf32.js';
import { operationName, type Product } from '../../../../generator/operations/operation.js';

const PRODUCT: Product = {
  ...{ kind: 'product', inner: 64, outer: 70, normalize: false },
  ...{ gelu: 'exact', residual: false },
};
const TILE: TensorTile = {
  ...{ rows: 64, columns: 32, down: 4, across: 1 },
  ...{ stages: 3, resident: 2 },
};

describe('tensorProduct', () => {
  it('emits products by warps', async () => {
    const op = { ...PRODUCT, gelu: null, residual: true };
    const { name, text, arch } = tensorProduct(op, TILE);
    expect(name).toBe(`${operationName(op)}_tf32_r64_c32_d4_a1_s3`);
    expect(arch).toBeUndefined();
    await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cu`);
  });

  it('launches blocks for all rows and columns, with room for its stages', () => {
    const { launch, sharedBytes } = tensorProduct(PRODUCT, TILE);
    expect(sharedBytes).toBe(3 * (64 + 32) * 128);
    expect([1, 64, 65].map((rows) => launch(rows, 132))).toEqual(
      [3, 3, 6].map((blocks) => ({ blocks, threads: 128 })),
    );
  });

  it.each([
    { ...TILE, rows: 72 },
    { ...TILE, columns: 24 },
    { ...TILE, down: 1 },
    { ...TILE, stages: 1 },
  ])('asserts that its steps are whole: %o', (tile) => {
    expect(() => tensorProduct(PRODUCT, tile)).toThrow('steps are whole');
  });

  it('has tiles that fit into a multiprocessor of an H100 as often as they say', () => {
    for (const tile of TENSOR_TILES) {
      const { sharedBytes } = tensorProduct(PRODUCT, tile);
      expect(tile.resident * (sharedBytes + 1024)).toBeLessThanOrEqual(228 * 1024);
    }
  });
});

it.each([
  [{}, true],
  [{ gelu: null, residual: true }, true],
  [{ normalize: true }, false],
  [{ residual: true }, false],
  [{ inner: 80 }, false],
  [{ outer: 71 }, false],
] as const)('%o can be done by tensor cores: %s', (change, can) => {
  expect(isTensorProduct({ ...PRODUCT, ...change })).toBe(can);
});
