import { describe, expect, it } from 'vitest';
import {
  TENSOR_TILES,
  type TensorTile,
  tensorProduct,
} from '../../generator/operations/cuda/product_tf32.js';
import type { Product } from '../../generator/operations/operation.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';

const PRODUCT: Product = {
  ...{ kind: 'product', inner: 96, outer: 384, normalize: false },
  ...{ gelu: 'exact', residual: false },
};
const REGISTERS = 65_536;

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each([
    ['sm_80', ({ warpgroup }: TensorTile) => !warpgroup],
    ['sm_90a', ({ warpgroup }: TensorTile) => warpgroup],
  ] as const)('compiles products by tensor cores for %s without spills', async (arch, isFor) => {
    const tiles = TENSOR_TILES.filter(isFor);
    const kernels = new Map(tiles.map((tile) => [tensorProduct(PRODUCT, tile), tile]));
    const texts = [...kernels.keys()].map(({ text }) => text).join('\n');
    const reports = new Map((await ptxas(nvcc!, texts, [arch])).map((report) => [report.kernel, report]));
    expect(reports.size).toBe(tiles.length);
    for (const [{ name, launch }, { resident }] of kernels) {
      const { stackBytes, spillBytes, registers } = reports.get(name)!;
      expect([name, stackBytes, spillBytes]).toEqual([name, 0, 0]);
      expect(registers * launch(1).threads * resident).toBeLessThanOrEqual(REGISTERS);
    }
  });
});
