import { describe, expect, it } from 'vitest';
import {
  isWarpgroupProduct,
  WARPGROUP_TILES,
  type WarpgroupTile,
  warpgroupProduct,
} from '../../../../generator/operations/cuda/product_warpgroup.js';
import { operationName, type Product } from '../../../../generator/operations/operation.js';

const PRODUCT: Product = {
  ...{ kind: 'product', inner: 64, outer: 72, normalize: false },
  ...{ gelu: 'exact', residual: false },
};
const TILE: WarpgroupTile = { rows: 64, columns: 32, groups: 2, stages: 3 };

describe('warpgroupProduct', () => {
  it('emits products by warpgroups', async () => {
    const { name, text, arch } = warpgroupProduct(PRODUCT, TILE);
    expect(name).toBe(`${operationName(PRODUCT)}_wgmma_r64_c32_g2_s3`);
    expect(arch).toBe('sm_90a');
    await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cu`);
  });

  it('maps rows that a launch counts, and weights in fours of rows', () => {
    const { maps, sharedBytes } = warpgroupProduct(PRODUCT, TILE);
    const map = { kind: 'tensor-map', swizzled: true };
    expect(maps).toEqual({
      input: { ...map, sizes: [64, 1, 1], box: [32, 1, 1, 64] },
      weight: { ...map, sizes: [64, 4, 18], box: [32, 2, 8, 1] },
    });
    expect(sharedBytes).toBe(3 * (64 + 32) * 128 + 8 * (3 + 3 + 2));
  });

  it.each([
    [1, 132, 3],
    [64, 2, 2],
    [65, 4, 3],
    [64 * 44 * 2, 132, 132],
    [64 * 44 * 2 + 1, 132, 89],
  ])('deals %i rows out evenly to %i multiprocessors: %i blocks', (rows, multiprocessors, blocks) => {
    expect(warpgroupProduct(PRODUCT, TILE).launch(rows, multiprocessors)).toEqual({ blocks, threads: 384 });
  });

  it.each([
    { ...TILE, rows: 96 },
    { ...TILE, rows: 320 },
    { ...TILE, columns: 24 },
    { ...TILE, columns: 272 },
    { ...TILE, stages: 1 },
    { ...TILE, groups: 1 },
    { ...TILE, groups: 4 },
  ])('asserts that its steps are whole: %o', (tile) => {
    expect(() => warpgroupProduct(PRODUCT, tile)).toThrow('steps are whole');
  });

  it('has tiles that fit into the shared memory of an H100', () => {
    for (const tile of WARPGROUP_TILES) {
      const { sharedBytes } = warpgroupProduct(PRODUCT, tile);
      expect(sharedBytes + 1024).toBeLessThanOrEqual(228 * 1024);
    }
  });
});

it.each([
  [{}, true],
  [{ gelu: null, residual: true }, true],
  [{ normalize: true }, false],
  [{ residual: true }, false],
  [{ inner: 80 }, false],
  [{ outer: 70 }, false],
] as const)('%o can be done by warpgroups: %s', (change, can) => {
  expect(isWarpgroupProduct({ ...PRODUCT, ...change })).toBe(can);
});
