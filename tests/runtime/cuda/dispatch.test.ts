import { createHash } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CUDA_GENERAL_KERNELS, cudaGeneralLaunch } from '../../../generator/families/cuda_general.js';
import { packedImage } from '../../../generator/library/image_bytes.js';
import { layerName } from '../../../generator/name.js';
import { problem } from '../../../generator/problem.js';
import { space } from '../../../generator/space.js';
import type { CudaTarget } from '../../../generator/target.js';
import * as compiling from '../../../runtime/cuda/compiler.js';
import { cudaDispatch, type Gpu } from '../../../runtime/cuda/dispatch.js';
import { type CudaKernelEntry, defineLibrary, type KernelLibrary } from '../../../runtime/library.js';
import { PROVENANCE } from '../../support/published_kernel.js';
import { SCALE_PLAN } from '../../support/scale_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { smallLayer } from '../../support/tuned.js';

vi.mock(import('../../../runtime/cuda/compiler.js'), async (original) => ({
  ...(await original()),
  findCudaCompiler: vi.fn(),
  compileCuda: vi.fn(),
}));

const TARGET: CudaTarget = { kind: 'cuda', arch: 'sm_90' };
/** Its driver is older than the CUDA that made the image. */
const GPU: Gpu = { target: TARGET, driver: '12.8' };
const P = problem({ height: 16, width: 16, kernel: 1, angles: [0], channels: 1 });
const NAME = `${layerName(P)}__published`;
const LAYER = smallLayer(14);
const LEGAL = space(LAYER, { ...TARGET, arch: 'sm_75' }).candidates[0]!.name;
const NVCC: compiling.CudaCompiler = { kind: 'nvcc', version: '13.0', path: 'nvcc' };

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const SHIPPED = packedImage(Buffer.from('shipped'));

/** A library of one kernel, with its image beside it. */
function library(changes: Partial<CudaKernelEntry> = {}): KernelLibrary {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'k.cu'), 'source');
  writeFileSync(join(folder, 'k.cubin.gz'), SHIPPED);
  const entry: CudaKernelEntry = {
    name: NAME,
    layer: layerName(P),
    target: 'cuda:sm_90',
    file: 'k.cu',
    fileHash: sha256('source'),
    sourceHash: sha256('source'),
    provenance: PROVENANCE,
    launch: SCALE_PLAN,
    image: { file: 'k.cubin.gz', hash: sha256(SHIPPED), sourceHash: sha256('source'), compiler: 'nvcc 13.0' },
  };
  return defineLibrary({ folder, kernels: { k: { ...entry, ...changes } } });
}

function withoutImage({ folder, kernels }: KernelLibrary): KernelLibrary {
  const { image: _, ...entry } = kernels.k as CudaKernelEntry;
  return defineLibrary({ folder, kernels: { entry } });
}

/** A library whose kernel was tuned for another GPU, and is legal on this one. */
function elsewhere(target: CudaKernelEntry['target']): KernelLibrary {
  return library({ name: LEGAL, layer: layerName(LAYER), target });
}

beforeEach(() => {
  const folder = temporaryFolder();
  vi.mocked(compiling.findCudaCompiler).mockResolvedValue(NVCC);
  vi.mocked(compiling.compileCuda).mockReset();
  vi.mocked(compiling.compileCuda).mockImplementation(async (_, { text }) => {
    writeFileSync(join(folder, 'cubin'), `compiled ${text}`);
    return join(folder, 'cubin');
  });
});

describe('cudaDispatch', () => {
  it('takes the binary that the library ships for this architecture where the driver knows its CUDA', async () => {
    for (const driver of ['13.0', '13.2', '14.0']) {
      const { image, origin } = await cudaDispatch(P, { ...GPU, driver }, { library: library() });
      expect([String(image), origin]).toEqual(['shipped', { kind: 'library', kernel: NAME }]);
    }
    expect(compiling.compileCuda).not.toHaveBeenCalled();
    const older = await cudaDispatch(
      LAYER,
      { target: { ...TARGET, arch: 'sm_86' }, driver: '13.0' },
      { library: elsewhere('cuda:sm_80') },
    );
    expect(String(older.image)).toBe('compiled source');
  });

  it("compiles the library's kernel where the driver is older", async () => {
    const cacheFolder = temporaryFolder();
    const binary = await cudaDispatch(P, GPU, { library: library(), cacheFolder });
    expect(binary).toMatchObject({
      origin: { kind: 'library', kernel: NAME },
      symbol: NAME,
      plan: SCALE_PLAN,
      takesShape: false,
    });
    expect(String(binary.image)).toBe('compiled source');
    expect(compiling.compileCuda).toHaveBeenLastCalledWith(NVCC, {
      name: NAME,
      text: 'source',
      arch: 'sm_90',
      folder: cacheFolder,
    });
  });

  it('takes the binary that the library ships where there is no compiler', async () => {
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    const { image, origin } = await cudaDispatch(P, GPU, { library: library() });
    expect([String(image), origin.kind]).toEqual(['shipped', 'library']);
  });

  it('falls back to the general kernel, and says why', async () => {
    const other = problem({ ...P, kernel: 3 });
    const binary = await cudaDispatch(other, GPU, { library: library() });
    expect(binary).toMatchObject({
      origin: {
        kind: 'general',
        reason: expect.stringMatching(/^not in the library: .* on cuda:sm_90 is none/),
      },
      symbol: CUDA_GENERAL_KERNELS.fprop,
      plan: cudaGeneralLaunch('fprop', other),
      takesShape: true,
    });
    expect(String(binary.image)).toContain(`${CUDA_GENERAL_KERNELS.fprop}_pack`);
    const { origin } = await cudaDispatch(P, { ...GPU, target: { ...TARGET, arch: 'sm_80' } }, {});
    expect(origin).toEqual({ kind: 'general', reason: 'not in the library: none was given' });
  });

  it('serves dgrad at stride 1 with the kernel of fprop, and at another stride with a general one of its own', async () => {
    const backward = problem({ ...P, op: 'dgrad' });
    const { origin } = await cudaDispatch(backward, GPU, { library: library() });
    expect(origin).toEqual({ kind: 'library', kernel: NAME });
    const strided = problem({ ...backward, stride: 2 });
    const binary = await cudaDispatch(strided, GPU, { library: library() });
    expect(binary).toMatchObject({
      origin: { kind: 'general' },
      symbol: CUDA_GENERAL_KERNELS.dgrad,
      plan: cudaGeneralLaunch('dgrad', strided),
      takesShape: true,
    });
    expect(String(binary.image)).toContain(`${CUDA_GENERAL_KERNELS.dgrad}_pack`);
  });

  it('says how to get a compiler where there is no way without', async () => {
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    const missing = {
      code: 'cuda-compiler-missing',
      remedy: expect.stringMatching(/pip install nvidia-cuda-nvrtc/),
    };
    await expect(cudaDispatch(P, GPU, {})).rejects.toMatchObject({ ...missing, value: layerName(P) });
    await expect(cudaDispatch(P, GPU, { library: withoutImage(library()) })).rejects.toMatchObject({
      ...missing,
      value: NAME,
    });
  });

  it('compiles a kernel that was tuned for another GPU for this one, and says so', async () => {
    const { origin, image, plan } = await cudaDispatch(LAYER, GPU, { library: elsewhere('cuda:sm_100') });
    const reason = "tuned for sm_100, not for this GPU's sm_90";
    expect(origin).toEqual({ kind: 'library', kernel: LEGAL, reason });
    expect([String(image), plan]).toEqual(['compiled source', SCALE_PLAN]);
    expect(compiling.compileCuda).toHaveBeenLastCalledWith(NVCC, {
      name: LEGAL,
      text: 'source',
      arch: 'sm_90',
    });
  });

  it('runs the image of another GPU without a compiler only where that GPU has its major number', async () => {
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    const ampere = elsewhere('cuda:sm_80');
    const binary = await cudaDispatch(
      LAYER,
      { ...GPU, target: { ...TARGET, arch: 'sm_86' } },
      { library: ampere },
    );
    expect(String(binary.image)).toBe('shipped');
    expect(binary.origin).toMatchObject({ reason: expect.stringContaining('tuned for sm_80') });
    await expect(cudaDispatch(LAYER, GPU, { library: ampere })).rejects.toMatchObject({
      code: 'cuda-compiler-missing',
      value: LEGAL,
    });
  });

  it('refuses a library whose files were changed', async () => {
    const changed = library();
    writeFileSync(join(changed.folder, 'k.cu'), 'another');
    truncateSync(join(changed.folder, 'k.cubin.gz'), 3);
    const damage = { code: 'library-damaged', fault: 'user' };
    await expect(cudaDispatch(P, GPU, { library: changed })).rejects.toMatchObject(damage);
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    await expect(cudaDispatch(P, GPU, { library: changed })).rejects.toMatchObject(damage);
  });

  it.each([
    [{ op: 'wgrad' as const }, 'load and loadBinary are for fprop and dgrad'],
    [{ dtype: 'f16' as const }, 'dtype f16 is not yet done on the GPU'],
  ])('refuses what no kernel does: %o', async (change, message) => {
    await expect(cudaDispatch(problem({ ...P, ...change }), GPU, {})).rejects.toThrow(message);
  });
});
