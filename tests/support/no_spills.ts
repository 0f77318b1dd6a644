import { beforeAll, describe, expect } from 'vitest';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { type NamedText, type PtxasReport, ptxasTogether } from './ptxas.js';

const nvcc = await findNvcc();

/** What ptxas says of the kernels of a text, by its name. */
type Reports = (name: string) => readonly PtxasReport[];

/** Tests of texts that nvcc has compiled together; without an nvcc they are skipped. */
export function describeCompiled(
  texts: () => readonly NamedText[],
  tests: (reportsOf: Reports) => void,
): void {
  const title = nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit';
  describe.skipIf(!nvcc)(title, () => {
    let compiled: Reports;
    beforeAll(async () => {
      compiled = await ptxasTogether(nvcc!, texts());
    }, 300_000);
    tests((name) => compiled(name));
  });
}

/** So many kernels, and none with spills or local memory. */
export function expectNoSpills(reports: readonly PtxasReport[], count: number): void {
  expect(reports).toHaveLength(count);
  expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
}
