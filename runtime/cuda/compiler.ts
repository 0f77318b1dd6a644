import { writeFile } from 'node:fs/promises';
import { cached } from '../cache.js';
import { compileError, requireOutput } from '../compiler.js';
import { invoke } from '../process.js';
import { cudaAddon, type NativeNvrtc } from './addon.js';
import { cudaError, isCudaFailure } from './failure.js';
import { findNvcc } from './nvcc.js';
import { findNvrtc } from './nvrtc.js';

/** What makes cubins of CUDA sources. */
export type CudaCompiler =
  | { readonly kind: 'nvrtc'; readonly version: string; readonly path: string; readonly native: NativeNvrtc }
  | { readonly kind: 'nvcc'; readonly version: string; readonly path: string };

/** One CUDA source that becomes one cubin. */
export interface CudaCompilation {
  /** Begins the binary's file name. */
  readonly name: string;
  readonly text: string;
  /** `sm_90`. */
  readonly arch: string;
  /** The cache, if not the user's own. */
  readonly folder?: string;
}

const found = new Map<string, Promise<CudaCompiler | undefined>>();

/**
 * NVRTC where there is one, since it compiles without a C++ compiler and without processes; else nvcc. Undefined if
 * there is neither. Looked for once, unless $PATH, $CUDA_HOME or $CUDA_PATH change.
 */
export function findCudaCompiler(): Promise<CudaCompiler | undefined> {
  const { PATH, CUDA_HOME, CUDA_PATH } = process.env;
  const key = JSON.stringify([PATH, CUDA_HOME, CUDA_PATH]);
  const search = found.get(key) ?? find();
  found.set(key, search);
  return search;
}

/** `NVRTC 13.0`, `nvcc 13.0.88`: part of a binary's key, and of a measurement's provenance. */
export function cudaCompilerName({ kind, version }: CudaCompiler): string {
  return `${kind === 'nvrtc' ? 'NVRTC' : 'nvcc'} ${version}`;
}

/** @param arch `sm_90` */
export function cudaFlags({ kind }: CudaCompiler, arch: string): readonly string[] {
  switch (kind) {
    case 'nvrtc':
      return ['-std=c++17', `--gpu-architecture=${arch}`];
    case 'nvcc': // -arch=sm_90a alone makes a pass for sm_90 as well, which refuses what only sm_90a has
      return ['-std=c++17', '-O3', `-gencode=arch=${arch.replace('sm', 'compute')},code=${arch}`];
    default:
      return kind satisfies never;
  }
}

/**
 * Compiles a source unless that was done before, and gives the path of the cubin. As many may be compiled at once
 * as there are cores: NVRTC runs on a thread for each, nvcc in processes.
 * @throws DeviceError if the source does not compile or the cache cannot be written
 */
export function compileCuda(compiler: CudaCompiler, compilation: CudaCompilation): Promise<string> {
  const { text, arch, ...rest } = compilation;
  const flags = cudaFlags(compiler, arch);
  const key = [rest.name, cudaCompilerName(compiler), flags, text];
  return cached({ ...rest, extension: 'cubin', key }, (aside) => {
    switch (compiler.kind) {
      case 'nvrtc':
        return withNvrtc(compiler.native, { ...rest, text, flags }, aside);
      case 'nvcc':
        return withNvcc(compiler.path, { ...rest, text, flags }, aside);
      default:
        return compiler satisfies never;
    }
  });
}

interface Job {
  readonly name: string;
  readonly text: string;
  readonly flags: readonly string[];
}

async function withNvrtc(native: NativeNvrtc, { name, text, flags }: Job, cubin: string): Promise<void> {
  const image = await cudaAddon()
    .compile(native, `${name}.cu`, text, flags)
    .catch((cause: unknown) => {
      if (isCudaFailure(cause) && cause.call === 'nvrtcCompileProgram')
        throw compileError(name, 'NVRTC', { code: 1, stderr: cause.text });
      throw cudaError(name, cause);
    });
  await writeFile(cubin, image);
}

async function withNvcc(path: string, { name, text, flags }: Job, cubin: string): Promise<void> {
  const outcome = await invoke([path, ...flags, '-cubin', '-x', 'cu', '-', '-o', cubin], text);
  if (outcome.code !== 0) throw compileError(name, 'nvcc', outcome);
  await requireOutput(cubin, path, 'set CUDA_HOME to a CUDA toolkit');
}

async function find(): Promise<CudaCompiler | undefined> {
  const native = await findNvrtc();
  if (native) return Object.freeze({ kind: 'nvrtc', version: native.version, path: native.path, native });
  const nvcc = await findNvcc();
  return nvcc && Object.freeze({ kind: 'nvcc', ...nvcc });
}
