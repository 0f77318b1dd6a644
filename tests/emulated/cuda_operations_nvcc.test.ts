import { describe, expect, it } from 'vitest';
import { cudaOperation } from '../../generator/operations/cuda/source.js';
import { tensorStem } from '../../generator/operations/cuda/stem_tf32.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { type PtxasReport, ptxas } from '../support/ptxas.js';
import { tinyOperations } from '../support/tiny_operations.js';

/** Each with the stem that it leaves out: two stems of eight directions take most of the time, and one on each is enough. */
const ARCHS = [
  ['sm_80', 'k31'],
  ['sm_90', 'k15'],
] as const;

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it("compiles the tiny networks' operations without spills or local memory", {
    timeout: 300_000,
  }, async () => {
    const sources = tinyOperations(64).map(([op]) => cudaOperation(op));
    const reports: PtxasReport[] = [];
    for (const [arch, omitted] of ARCHS) {
      const kernels = new Map(
        sources
          .filter(({ name }) => !(name.startsWith('stem') && name.includes(`_${omitted}_`)))
          .map(({ name, text }) => [name, text]),
      );
      const found = await ptxas(nvcc!, [...kernels.values()].join('\n'), [arch]);
      expect(found.map(({ kernel }) => kernel).sort()).toEqual([...kernels.keys()].sort());
      reports.push(...found);
    }
    expect(new Set(reports.map(({ kernel }) => kernel))).toEqual(new Set(sources.map(({ name }) => name)));
    expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
    // Enough warps for the memory: half of what a multiprocessor can have, and more.
    const memoryBound = reports.filter(({ kernel }) => !/stem|product|norm_f32_c\d+_a1/.test(kernel));
    expect(memoryBound.filter(({ registers }) => registers > 64)).toEqual([]);
    // Two blocks of 256 threads a multiprocessor.
    expect(reports.filter(({ kernel, registers }) => /stem/.test(kernel) && registers > 128)).toEqual([]);
  });

  it.each(['sm_80', 'sm_90'])('compiles stems by tensor cores for %s', async (arch) => {
    const stems = tinyOperations(64).flatMap(([op]) =>
      op.kind === 'stem' ? [tensorStem(op, { images: 64, multiprocessors: 132 })!] : [],
    );
    expect(stems).toHaveLength(2);
    for (const report of await ptxas(nvcc!, stems.map(({ text }) => text).join('\n'), [arch])) {
      expect(report).toMatchObject({ stackBytes: 0, spillBytes: 0 });
      expect(report.registers * stems[0]!.launch(1, 132).threads).toBeLessThanOrEqual(65_536);
    }
  });

  it('compiles the stem of GPUs whose blocks have less shared memory', { timeout: 300_000 }, async () => {
    const [stem] = tinyOperations(64).find(([op]) => op.kind === 'stem' && op.kernel === 31)!;
    const { name, text } = cudaOperation(stem, 99 << 10);
    expect(name).toMatch(/_r23x23$/);
    const [report] = await ptxas(nvcc!, text, ['sm_86']);
    expect(report).toMatchObject({ kernel: name, stackBytes: 0, spillBytes: 0 });
    expect(report!.registers).toBeLessThanOrEqual(128);
  });
});
