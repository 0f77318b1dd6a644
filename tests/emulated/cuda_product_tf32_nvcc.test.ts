import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  TENSOR_TILES,
  type TensorTile,
  tensorProduct,
} from '../../generator/operations/cuda/product_tf32.js';
import type { Product } from '../../generator/operations/operation.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { invoke } from '../../runtime/process.js';
import { ptxas } from '../support/ptxas.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** Of few steps, and of many; with columns that are not there. */
const PRODUCTS = (
  [
    [96, 384],
    [384, 1538],
  ] as const
).map(([inner, outer]): Product => {
  return { kind: 'product', inner, outer, normalize: false, gelu: 'exact', residual: false };
});
const REGISTERS = 65_536;

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each([
    ['sm_80', ({ warpgroup }: TensorTile) => !warpgroup],
    ['sm_90a', ({ warpgroup }: TensorTile) => warpgroup],
  ] as const)('compiles products by tensor cores for %s without spills', async (arch, isFor) => {
    const tiles = TENSOR_TILES.filter(isFor);
    const kernels = new Map(
      PRODUCTS.flatMap((product) => tiles.map((tile) => [tensorProduct(product, tile), tile] as const)),
    );
    const texts = [...kernels.keys()].map(({ text }) => text).join('\n');
    const reports = new Map((await ptxas(nvcc!, texts, [arch])).map((report) => [report.kernel, report]));
    expect(reports.size).toBe(kernels.size);
    for (const [{ name, launch }, { resident }] of kernels) {
      const { stackBytes, spillBytes, registers } = reports.get(name)!;
      expect([name, stackBytes, spillBytes]).toEqual([name, 0, 0]);
      expect(registers * launch(1).threads * resident).toBeLessThanOrEqual(REGISTERS);
    }
  });

  // As (C7510), that products are done one by one, or (C7517), that a wait was added.
  it('multiplies by warpgroups as it is written', async () => {
    const tiles = TENSOR_TILES.filter(({ warpgroup }) => warpgroup);
    const text = PRODUCTS.flatMap((product) => tiles.map((tile) => tensorProduct(product, tile).text)).join(
      '\n',
    );
    const flags = ['-std=c++17', '-gencode=arch=compute_90a,code=sm_90a', '-Xptxas', '-v', '-cubin'];
    const { code, stdout, stderr } = await invoke(
      [nvcc!.path, ...flags, '-x', 'cu', '-', '-o', join(temporaryFolder(), 'cubin')],
      text,
    );
    expect([code, `${stdout}${stderr}`.match(/\(C75\d\d\).*/g)]).toEqual([0, null]);
  });
});
