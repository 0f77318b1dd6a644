import { readFile } from 'node:fs/promises';
import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../generator/families/cuda_general.js';
import type { LaunchPlan } from '../../generator/launch.js';
import { layerName } from '../../generator/name.js';
import type { Problem } from '../../generator/problem.js';
import type { CudaTarget } from '../../generator/target.js';
import { computedAs } from '../../generator/transpose.js';
import { absence, type DispatchOptions, type Origin, publishedFile, supportedOp } from '../dispatch.js';
import { DeviceError } from '../errors.js';
import type { KernelLibrary } from '../library.js';
import { type Candidate, candidates } from './candidates.js';
import { type CudaCompilation, type CudaCompiler, compileCuda, findCudaCompiler } from './compiler.js';

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
 * The best kernel that there is on a GPU for a problem, or for the one that it is {@link computedAs}: the first of the
 * library's {@link candidates}, compiled once, else the general one. Without a compiler, the first candidate whose image runs here.
 * @throws DeviceError if no kernel can do it, there is neither a compiler nor an image, the library was changed, a source
 *   does not compile, or the cache cannot be written
 */
export async function cudaDispatch(
  asked: Problem,
  target: CudaTarget,
  options: DispatchOptions,
): Promise<CudaBinary> {
  const problem = computedAs(asked);
  const op = supportedOp(problem, 'GPU');
  const { library } = options;
  const found = library ? candidates(library, problem, target) : [];
  const compiler = await findCudaCompiler();
  if (!compiler) return shipped(problem, found, library);
  const [best] = found;
  if (library && best) {
    const { name, file, fileHash } = best.entry;
    const text = new TextDecoder().decode(await publishedFile(library, file, fileHash));
    return published(best, await compiled(compiler, { name, text, arch: best.arch }, options));
  }
  const compilation = { name: CUDA_GENERAL_KERNELS[op], text: cudaGeneralKernel(op), arch: target.arch };
  const image = await compiled(compiler, compilation, options);
  const origin: Origin = { kind: 'general', reason: absence(problem, target, library) };
  return { origin, symbol: compilation.name, plan: cudaGeneralLaunch(op, problem), image, takesShape: true };
}

/** The first kernel whose image runs here. */
async function shipped(
  problem: Problem,
  found: readonly Candidate[],
  library: KernelLibrary | undefined,
): Promise<CudaBinary> {
  for (const candidate of found) {
    const { image } = candidate;
    if (library && image) return published(candidate, await publishedFile(library, image.file, image.hash));
  }
  throw noCompiler(found[0]?.entry.name ?? layerName(problem));
}

function published({ entry, reason }: Candidate, image: Uint8Array): CudaBinary {
  const { name, launch } = entry;
  const origin: Origin = { kind: 'library', kernel: name, ...(reason !== undefined && { reason }) };
  return { origin, symbol: name, plan: launch, image, takesShape: false };
}

async function compiled(
  compiler: CudaCompiler,
  compilation: CudaCompilation,
  { cacheFolder: folder }: DispatchOptions,
): Promise<Uint8Array> {
  return readFile(await compileCuda(compiler, { ...compilation, ...(folder !== undefined && { folder }) }));
}

function noCompiler(kernel: string): DeviceError {
  return new DeviceError('system', {
    code: 'cuda-compiler-missing',
    value: kernel,
    rule: 'this kernel is not shipped compiled for this GPU, and neither NVRTC nor nvcc was found to compile it',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
