import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cudaAddon } from '../../../runtime/cuda/addon.js';
import {
  type CudaCompiler,
  compileCuda,
  cudaCompilerName,
  cudaFlags,
  findCudaCompiler,
} from '../../../runtime/cuda/compiler.js';
import { findNvcc } from '../../../runtime/cuda/nvcc.js';
import { toolkitFolders } from '../../../runtime/cuda/toolkit.js';
import { DeviceError } from '../../../runtime/errors.js';
import { putNvcc, putNvrtc, putScript } from '../../support/fake_toolkit.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const SOURCE = { name: 'answer', text: 'extern "C" __global__ void answer() {}', arch: 'sm_90' };

let home: string;
beforeEach(() => {
  home = temporaryFolder();
  vi.stubEnv('CUDA_HOME', home);
});
afterEach(() => vi.unstubAllEnvs());

async function nvrtc(): Promise<CudaCompiler> {
  const path = join(home, 'lib64', 'libnvrtc.so.98');
  await putNvrtc(path, 98);
  const native = cudaAddon().nvrtc(path);
  return { kind: 'nvrtc', version: native.version, path, native };
}

async function nvcc(): Promise<CudaCompiler> {
  putNvcc(join(home, 'bin'));
  vi.stubEnv('PATH', temporaryFolder());
  return { kind: 'nvcc', ...(await findNvcc())! };
}

it('toolkitFolders begins with what the user set', () => {
  vi.stubEnv('CUDA_PATH', '/opt/cuda');
  expect(toolkitFolders().slice(0, 2)).toEqual([home, '/opt/cuda']);
  vi.stubEnv('CUDA_HOME', '');
  expect(toolkitFolders()[0]).toBe('/opt/cuda');
});

// Where the loader knows an NVRTC, that one comes first.
describe.skipIf(loaderHasNvrtc())('findCudaCompiler', () => {
  it('takes the newest NVRTC of $CUDA_HOME', async () => {
    await putNvrtc(join(home, 'lib64', 'libnvrtc.so.9'), 9);
    const { path } = await nvrtc();
    const found = (await findCudaCompiler())!;
    expect(found).toMatchObject({ kind: 'nvrtc', version: '98.3', path });
    expect(cudaCompilerName(found)).toBe('NVRTC 98.3');
  });

  it("takes the NVRTC of Python's wheels where no toolkit has one", async ({ skip }) => {
    const [bin, site] = [temporaryFolder(), temporaryFolder()];
    await putNvrtc(join(site, 'nvidia', 'cu97', 'lib', 'libnvrtc.so.97'), 97);
    putScript(bin, 'python3', `echo /nowhere; echo ${site}`);
    vi.stubEnv('PATH', bin);
    const found = await findCudaCompiler();
    if (found?.path.startsWith('/usr/local/')) return skip(`${found.path} comes first`);
    expect(found).toMatchObject({ kind: 'nvrtc', version: '97.3' });
  });
});

it('findNvcc looks into $CUDA_HOME, too', async () => {
  const found = await nvcc();
  expect(found).toEqual({ kind: 'nvcc', version: '12.3.45', path: join(home, 'bin', 'nvcc') });
  expect(cudaCompilerName(found)).toBe('nvcc 12.3.45');
});

it('cudaFlags name the architecture, with letters behind it, too', () => {
  const compiler = (kind: 'nvrtc' | 'nvcc') => ({ kind, version: '', path: '' }) as CudaCompiler;
  expect(cudaFlags(compiler('nvrtc'), 'sm_90a')).toContain('--gpu-architecture=sm_90a');
  expect(cudaFlags(compiler('nvcc'), 'sm_90a')).toContain('-gencode=arch=compute_90a,code=sm_90a');
});

describe.each([
  ['NVRTC', nvrtc],
  ['nvcc', nvcc],
])('compileCuda with %s', (_, find) => {
  it('compiles once, and again only for another source, architecture or name', async () => {
    const folder = temporaryFolder();
    const compiler = await find();
    const path = await compileCuda(compiler, { ...SOURCE, folder });
    expect(path).toMatch(/\/answer-[0-9a-f]{24}\.cubin$/);
    expect(readFileSync(path, 'utf8')).toContain(SOURCE.text);
    expect(await compileCuda(compiler, { ...SOURCE, folder })).toBe(path);
    const changes = [{ text: '// another' }, { arch: 'sm_80' }, { name: 'reply' }];
    const others = changes.map((change) => compileCuda(compiler, { ...SOURCE, ...change, folder }));
    expect(new Set([path, ...(await Promise.all(others))]).size).toBe(4);
    expect(await compileCuda({ ...compiler, version: '0' }, { ...SOURCE, folder })).not.toBe(path);
    expect(readdirSync(folder)).toHaveLength(10); // and nothing but their sums beside them
  });

  it('quotes the first error of a broken source, keeps the rest, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const broken = compileCuda(await find(), { ...SOURCE, text: 'broken', folder });
    await expect(broken).rejects.toThrow(DeviceError);
    await expect(broken).rejects.toThrow(/'answer': \w+ refused the kernel: .*\(1\): error: it is broken;/);
    await expect(broken).rejects.toMatchObject({ code: 'compile', cause: { message: /broken/ } });
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('compileCuda says that an nvcc that writes nothing is none', async () => {
  const folder = temporaryFolder();
  const compiler: CudaCompiler = { kind: 'nvcc', version: '1', path: '/bin/true' };
  await expect(compileCuda(compiler, { ...SOURCE, folder })).rejects.toThrow(
    /^'\/bin\/true': [^\n]* wrote no binary; set CUDA_HOME to a CUDA toolkit$/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

function loaderHasNvrtc(): boolean {
  try {
    return ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2', 'libnvrtc.so'].some(opens);
  } catch {
    return false;
  }
}

function opens(name: string): boolean {
  try {
    return Boolean(cudaAddon().nvrtc(name));
  } catch {
    return false;
  }
}
