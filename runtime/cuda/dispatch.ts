import { readFile } from 'node:fs/promises';
import {
  CUDA_GENERAL_KERNEL,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../generator/families/cuda_general.js';
import type { LaunchPlan } from '../../generator/launch.js';
import { layerName } from '../../generator/name.js';
import type { Problem } from '../../generator/problem.js';
import { type CudaTarget, targetName } from '../../generator/target.js';
import {
  absence,
  type DispatchOptions,
  damaged,
  type Origin,
  publishedFile,
  requireSupported,
} from '../dispatch.js';
import { DeviceError } from '../errors.js';
import type { KernelEntry, KernelLibrary } from '../library.js';
import { compileCuda, findCudaCompiler } from './compiler.js';

/** A kernel's code and the way to launch it. */
export interface CudaBinary {
  readonly origin: Origin;
  /** The kernel; `<symbol>_pack` writes its weights. */
  readonly symbol: string;
  readonly plan: LaunchPlan;
  /** A cubin, a fatbin or a PTX. */
  readonly image: Uint8Array;
  /** Whether both kernels take the problem's shape as their last argument, as the general one does. */
  readonly takesShape: boolean;
}

/**
 * The best kernel that there is for a problem on a GPU: the library's, compiled once or as it was shipped, else the
 * general one.
 * @throws DeviceError if no kernel can do it, there is neither a compiler nor a shipped binary, the library was changed,
 *   a source does not compile, or the cache cannot be written
 */
export async function cudaDispatch(
  problem: Problem,
  target: CudaTarget,
  { library, cacheFolder }: DispatchOptions,
): Promise<CudaBinary> {
  requireSupported(problem, 'GPU');
  const compiling = { arch: target.arch, ...(cacheFolder !== undefined && { folder: cacheFolder }) };
  const entry = library?.find(problem, targetName(target));
  return library && entry
    ? published(library, entry, compiling)
    : general(problem, absence(problem, target, library), compiling);
}

interface Compiling {
  readonly arch: string;
  readonly folder?: string;
}

async function published(
  library: KernelLibrary,
  entry: KernelEntry,
  compiling: Compiling,
): Promise<CudaBinary> {
  const { name, file, fileHash, launch } = entry;
  if (!launch) throw damaged(name, 'the library does not say how this kernel is launched');
  const text = async () => new TextDecoder().decode(await publishedFile(library, file, fileHash));
  const image = (await compiled(name, text, compiling)) ?? (await shipped(library, entry));
  const origin: Origin = { kind: 'library', kernel: name };
  return { origin, symbol: name, plan: launch, image, takesShape: false };
}

async function general(problem: Problem, reason: string, compiling: Compiling): Promise<CudaBinary> {
  const symbol = CUDA_GENERAL_KERNEL;
  const image = (await compiled(symbol, cudaGeneralKernel, compiling)) ?? noCompiler(layerName(problem));
  const plan = cudaGeneralLaunch(problem);
  return { origin: { kind: 'general', reason }, symbol, plan, image, takesShape: true };
}

/** Undefined without a compiler. */
async function compiled(
  name: string,
  text: () => string | Promise<string>,
  compiling: Compiling,
): Promise<Uint8Array | undefined> {
  const compiler = await findCudaCompiler();
  return compiler && readFile(await compileCuda(compiler, { name, text: await text(), ...compiling }));
}

function shipped(library: KernelLibrary, { name, image }: KernelEntry): Promise<Uint8Array> {
  return image ? publishedFile(library, image.file, image.hash) : noCompiler(name);
}

function noCompiler(kernel: string): never {
  throw new DeviceError('system', {
    code: 'cuda-compiler-missing',
    value: kernel,
    rule: 'this kernel is not shipped compiled for this GPU, and neither NVRTC nor nvcc was found to compile it',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
