import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TENSOR_TILES, tensorProduct } from '../../generator/operations/cuda/product_tf32.js';
import { WARPGROUP_TILES, warpgroupProduct } from '../../generator/operations/cuda/product_warpgroup.js';
import type { Product } from '../../generator/operations/operation.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { invoke } from '../../runtime/process.js';
import { plainProduct } from '../support/cuda_operation_case.js';
import { ptxas } from '../support/ptxas.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** Of few steps, and of many; with columns that are not there; and of planes. */
const PRODUCTS: readonly Product[] = [
  { ...plainProduct(96, 384, false), gelu: 'exact' },
  { ...plainProduct(384, 1540, false), gelu: 'exact' },
  ...(['residual', 'output'] as const).map((of) => ({
    ...plainProduct(384, 96, true),
    planes: { pixels: 3136, of },
  })),
];
const REGISTERS = 65_536;

/** With the blocks that a multiprocessor is to hold. */
const WARPS = PRODUCTS.flatMap((product) =>
  TENSOR_TILES.map((tile) => [tensorProduct(product, tile), tile.resident] as const),
);
const WARPGROUPS = PRODUCTS.flatMap((product) =>
  WARPGROUP_TILES.map((tile) => [warpgroupProduct(product, tile), 1] as const),
);

/** Registers that a block's threads have together, once they have given and taken theirs. */
function taken(text: string): number {
  const groups = Number(text.match(/ GROUPS = (\d+)/)?.[1] ?? 0);
  const [given, more] = ['give', 'take'].map((verb) =>
    Number(text.match(`  ${verb}_registers<(\\d+)>`)?.[1] ?? 0),
  );
  return 128 * (given! + groups * more!);
}

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each([
    ['sm_80', WARPS],
    ['sm_90a', WARPGROUPS],
  ] as const)('compiles products by tensor cores for %s without spills', async (arch, made) => {
    const kernels = new Map(made);
    const texts = [...kernels.keys()].map(({ text }) => text).join('\n');
    const reports = new Map((await ptxas(nvcc!, texts, [arch])).map((report) => [report.kernel, report]));
    expect(reports.size).toBe(kernels.size);
    for (const [{ name, text, launch }, resident] of kernels) {
      const { stackBytes, spillBytes, registers } = reports.get(name)!;
      expect([name, stackBytes, spillBytes]).toEqual([name, 0, 0]);
      const { threads } = launch(1, 132);
      expect(registers * threads * resident).toBeLessThanOrEqual(REGISTERS);
      expect(registers * threads, 'what warpgroups take, others have given').toBeGreaterThanOrEqual(
        taken(text),
      );
    }
  });

  // As (C7510), that products are done one by one, or (C7517), that a wait was added.
  it('multiplies by warpgroups as it is written', async () => {
    const text = WARPGROUPS.map(([kernel]) => kernel.text).join('\n');
    const flags = ['-std=c++17', '-gencode=arch=compute_90a,code=sm_90a', '-Xptxas', '-v', '-cubin'];
    const { code, stdout, stderr } = await invoke(
      [nvcc!.path, ...flags, '-x', 'cu', '-', '-o', join(temporaryFolder(), 'cubin')],
      text,
    );
    expect([code, `${stdout}${stderr}`.match(/\(C75\d\d\).*/g)]).toEqual([0, null]);
  });
});
