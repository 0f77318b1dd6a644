import { describe, expect, it } from 'vitest';
import { cudaOperation } from '../../generator/operations/cuda/source.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';
import { tinyOperations } from '../support/tiny_operations.js';

const ARCHS = ['sm_80', 'sm_90'];

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it("compiles the tiny networks' operations without spills or local memory", {
    timeout: 300_000,
  }, async () => {
    const kernels = new Map(
      tinyOperations(64).map(([op]) => {
        const { name, text } = cudaOperation(op);
        return [name, text];
      }),
    );
    const reports = await ptxas(nvcc!, [...kernels.values()].join('\n'), ARCHS);
    const compiled = reports.map(({ kernel, arch }) => `${kernel} ${arch}`);
    const all = ARCHS.flatMap((arch) => [...kernels.keys()].map((kernel) => `${kernel} ${arch}`));
    expect(compiled.sort()).toEqual(all.sort());
    expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
    // Enough warps for the memory: half of what a multiprocessor can have, and more.
    const memoryBound = reports.filter(({ kernel }) => !/stem|product|norm_f32_c\d+_a1/.test(kernel));
    expect(memoryBound.filter(({ registers }) => registers > 64)).toEqual([]);
    // Two blocks of 256 threads a multiprocessor.
    expect(reports.filter(({ kernel, registers }) => /stem/.test(kernel) && registers > 128)).toEqual([]);
  });
});
