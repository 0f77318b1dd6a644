import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CUDA_GENERAL_KERNELS, cudaGeneralLaunch } from '../../../generator/families/cuda_general.js';
import type { LaunchPlan } from '../../../generator/launch.js';
import { layerName } from '../../../generator/name.js';
import { type Problem, problem } from '../../../generator/problem.js';
import * as compiling from '../../../runtime/cuda/compiler.js';
import type { Gpu } from '../../../runtime/cuda/dispatch.js';
import { cudaGradientDispatch } from '../../../runtime/cuda/gradient_dispatch.js';
import { type CudaKernelEntry, defineLibrary, type KernelLibrary } from '../../../runtime/library.js';
import { PROVENANCE } from '../../support/published_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

vi.mock(import('../../../runtime/cuda/compiler.js'), async (original) => ({
  ...(await original()),
  findCudaCompiler: vi.fn(),
  compileCuda: vi.fn(),
}));

const GPU: Gpu = { target: { kind: 'cuda', arch: 'sm_90' }, driver: '12.8' };
const WGRAD = problem({ op: 'wgrad', height: 16, width: 16, kernel: 3, angles: [45], channels: 4 });
const BACKWARD = problem({ ...WGRAD, op: 'backward' });
const FPROP = problem({ ...WGRAD, op: 'fprop' });
const PLAN: LaunchPlan = {
  kind: 'launch-plan',
  threads: 64,
  blocks: 1,
  images: 1,
  sharedBytes: 0,
  packedFloats: 12,
  partial: { fixedFloats: 1, floatsPerGroup: 16 },
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const published = (p: Problem) => ({ kind: 'library', kernel: `${layerName(p)}__published` });

/** A library with a kernel for each of these problems, and an image beside it. */
function library(...problems: readonly Problem[]): KernelLibrary {
  const folder = temporaryFolder();
  const entries = problems.map((p): CudaKernelEntry => {
    const layer = layerName(p);
    writeFileSync(join(folder, `${layer}.cu`), p.op);
    writeFileSync(join(folder, `${layer}.cubin`), `shipped ${p.op}`);
    return {
      name: `${layer}__published`,
      layer,
      target: 'cuda:sm_90',
      file: `${layer}.cu`,
      fileHash: sha256(p.op),
      sourceHash: sha256(p.op),
      provenance: PROVENANCE,
      launch: PLAN,
      image: {
        file: `${layer}.cubin`,
        hash: sha256(`shipped ${p.op}`),
        sourceHash: sha256(p.op),
        compiler: 'nvcc 13.0',
      },
    };
  });
  return defineLibrary({ folder, kernels: Object.fromEntries(entries.map((entry) => [entry.name, entry])) });
}

function noCompiler(): void {
  vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
}

beforeEach(() => {
  const folder = temporaryFolder();
  vi.mocked(compiling.findCudaCompiler).mockResolvedValue({ kind: 'nvcc', version: '13.0', path: 'nvcc' });
  vi.mocked(compiling.compileCuda).mockImplementation(async (_, { name, text }) => {
    writeFileSync(join(folder, name), `compiled ${text}`);
    return join(folder, name);
  });
});

describe('cudaGradientDispatch', () => {
  it("compiles the library's kernel", async () => {
    for (const p of [WGRAD, BACKWARD])
      expect(await cudaGradientDispatch(p, GPU, { library: library(p) })).toMatchObject({
        origin: published(p),
        symbol: `${layerName(p)}__published`,
        plan: PLAN,
        image: Buffer.from(`compiled ${p.op}`),
        takesShape: false,
      });
  });

  it('takes the general kernel of wgrad where there is no other', async () => {
    const binary = await cudaGradientDispatch(WGRAD, GPU, { library: library(BACKWARD) });
    expect(binary).toMatchObject({
      origin: { kind: 'general', reason: expect.stringContaining(layerName(WGRAD)) },
      symbol: CUDA_GENERAL_KERNELS.wgrad,
      plan: cudaGeneralLaunch('wgrad', WGRAD),
      takesShape: true,
    });
  });

  it("takes for backward the best of dgrad, which is fprop's at stride 1, and wgrad", async () => {
    const reason = `not in the library: ${layerName(BACKWARD)} on cuda:sm_90 is none of its`;
    expect(await cudaGradientDispatch(BACKWARD, GPU, { library: library(FPROP, WGRAD) })).toMatchObject({
      origin: {
        kind: 'pair',
        reason: `${reason} 2 kernels`,
        dgrad: published(FPROP),
        wgrad: published(WGRAD),
      },
      dgrad: { image: Buffer.from('compiled fprop') },
      wgrad: { image: Buffer.from('compiled wgrad') },
    });
    const strided = problem({ ...BACKWARD, stride: 2 });
    expect(await cudaGradientDispatch(strided, GPU, {})).toMatchObject({
      origin: { kind: 'pair', reason: 'not in the library: none was given' },
      dgrad: { symbol: CUDA_GENERAL_KERNELS.dgrad },
      wgrad: { symbol: CUDA_GENERAL_KERNELS.wgrad },
    });
  });

  it('takes what the library ships compiled where there is no compiler, or says how to get one', async () => {
    noCompiler();
    expect(await cudaGradientDispatch(BACKWARD, GPU, { library: library(BACKWARD) })).toMatchObject({
      image: Buffer.from('shipped backward'),
    });
    expect(await cudaGradientDispatch(BACKWARD, GPU, { library: library(FPROP, WGRAD) })).toMatchObject({
      dgrad: { image: Buffer.from('shipped fprop') },
      wgrad: { image: Buffer.from('shipped wgrad') },
    });
    const missing = { code: 'cuda-compiler-missing', value: layerName(WGRAD) };
    for (const p of [WGRAD, BACKWARD])
      await expect(cudaGradientDispatch(p, GPU, { library: library(FPROP) })).rejects.toMatchObject(missing);
  });

  it('refuses what is no gradient', async () => {
    await expect(cudaGradientDispatch(FPROP, GPU, {})).rejects.toThrow(
      "'fprop': loadGradient and loadGradientBinary are for wgrad and backward; use load or loadBinary",
    );
    await expect(cudaGradientDispatch(problem({ ...WGRAD, dtype: 'f16' }), GPU, {})).rejects.toThrow(
      'dtype f16 is not yet done on the GPU',
    );
  });
});
