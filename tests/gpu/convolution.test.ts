import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputElements, problem } from '../../generator/problem.js';
import {
  type CudaCompiler,
  compileCuda,
  cudaCompilerName,
  findCudaCompiler,
} from '../../runtime/cuda/compiler.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { anyLayer } from '../support/arbitrary.js';
import { dgradFormula, formula } from '../support/formula.js';
import { onGpu } from '../support/gpu.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { SCALE_PLAN, SCALE_PROBLEM, scaleText } from '../support/scale_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

onGpu('the general kernel', (gpu) => {
  it('is the formula, whatever the layer', async () => {
    await fc.assert(
      fc.asyncProperty(anyLayer, fc.boolean(), fc.boolean(), async (spec, bias, resid) => {
        const p = problem(spec);
        const conv = await gpu.load(p);
        expect(conv.origin.kind).toBe('general');
        const given = operands(p, wholeNumbers, bias, resid);
        const output = new Float32Array(outputElements(p)).fill(Number.NaN);
        expect(conv.run({ ...given, output })).toBe(output);
        expect(difference(output, formula(p, given))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('is the formula of dgrad, too, whatever the layer', async () => {
    await fc.assert(
      fc.asyncProperty(anyLayer, fc.boolean(), async (spec, resid) => {
        const p = problem({ ...spec, op: 'dgrad' });
        const conv = await gpu.load(p);
        const given = operands(p, wholeNumbers, false, resid);
        const output = new Float32Array(outputElements(p)).fill(Number.NaN);
        conv.run({ ...given, output });
        expect(difference(output, dgradFormula(p, given))).toBeUndefined();
        expect(() => conv.run({ ...given, bias: new Float32Array(p.channels) })).toThrow('takes none');
      }),
      { numRuns: 60 },
    );
  });

  it('runs off this thread, several at once, and for another batch', async () => {
    const p = problem({ height: 30, width: 20, kernel: 7, angles: [22.5], channels: 16, batch: 2 });
    const conv = await gpu.load(p);
    const batches = [1, 2, 3, 4];
    const given = batches.map((batch) => operands({ ...p, batch }, wholeNumbers, true, true));
    const results = await Promise.all(given.map((args, i) => conv.runAsync({ ...args, batch: batches[i]! })));
    results.forEach((result, i) => {
      const expected = formula({ ...p, batch: batches[i]! }, given[i]!);
      expect(difference(result, expected)).toBeUndefined();
    });
  });
});

onGpu('a compiled kernel', (gpu) => {
  const compilers: CudaCompiler[] = [];
  beforeAll(async () => {
    const [first, nvcc] = [await findCudaCompiler(), await findNvcc()];
    if (first) compilers.push(first);
    if (nvcc && first?.kind !== 'nvcc') compilers.push({ kind: 'nvcc', ...nvcc });
  });

  it('runs, whichever compiler made it, with all the shared memory that a block can have', async () => {
    expect(compilers).not.toEqual([]);
    for (const compiler of compilers) {
      const { sharedBytes } = gpu;
      const compilation = { name: 'scale', text: scaleText(sharedBytes), arch: gpu.target.arch };
      const path = await compileCuda(compiler, { ...compilation, folder: temporaryFolder() });
      const conv = gpu.loadBinary(SCALE_PROBLEM, path, { ...SCALE_PLAN, sharedBytes }, 'scale');
      expect(conv.kernel.sharedBytes, cudaCompilerName(compiler)).toBe(sharedBytes);
      const given = { input: wholeNumbers(768), weight: Float32Array.of(3), bias: Float32Array.of(5) };
      expect(conv.run(given)).toEqual(given.input.map((x) => 3 * x + 5));
      const tooMuch = { ...SCALE_PLAN, sharedBytes: sharedBytes + 4 };
      expect(() => gpu.loadBinary(SCALE_PROBLEM, path, tooMuch, 'scale')).toThrow(
        /'scale': cuFuncSetAttribute failed: CUDA_ERROR_INVALID_VALUE/,
      );
      expect(() => gpu.loadBinary(SCALE_PROBLEM, path, SCALE_PLAN, 'other')).toThrow(
        /'other': cuModuleGetFunction failed: CUDA_ERROR_NOT_FOUND.*give the name of a kernel/,
      );
    }
  });
});

describe('a kernel', () => {
  it('compiles on a machine with a compiler and no GPU, too', async ({ skip }) => {
    const compiler = await findCudaCompiler();
    if (!compiler) return skip('neither NVRTC nor nvcc is found');
    const compilation = { name: 'scale', text: scaleText(1024), arch: 'sm_80' };
    const path = await compileCuda(compiler, { ...compilation, folder: temporaryFolder() });
    expect(path).toMatch(/\.cubin$/);
  });
});
