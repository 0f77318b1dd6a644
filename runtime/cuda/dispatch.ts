import { readFile } from 'node:fs/promises';
import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../generator/families/cuda_general.js';
import type { GeneralOp } from '../../generator/families/general_name.js';
import type { LaunchPlan } from '../../generator/launch.js';
import type { KernelImage } from '../../generator/library/entry.js';
import { unpackedImage } from '../../generator/library/image_bytes.js';
import { layerName } from '../../generator/name.js';
import type { Problem } from '../../generator/problem.js';
import { requireProblem } from '../../generator/require_problem.js';
import type { CudaTarget } from '../../generator/target.js';
import { computedAs } from '../../generator/transpose.js';
import { absence, type DispatchOptions, type Origin, publishedFile } from '../dispatch.js';
import { DeviceError } from '../errors.js';
import { requireLibrary } from '../given.js';
import type { KernelLibrary } from '../library.js';
import { convolutionOp } from '../operation.js';
import { type Candidate, candidates } from './candidates.js';
import { type CudaCompilation, type CudaCompiler, compileCuda, findCudaCompiler } from './compiler.js';

/** A kernel's code and the way to launch it. */
export interface CudaBinary {
  readonly origin: Origin;
  /** The kernel; `<symbol>_pack` writes its weights, if it takes any. */
  readonly symbol: string;
  readonly plan: LaunchPlan;
  /** A cubin, a fatbin or a PTX. */
  readonly image: Uint8Array;
  /** Whether they take the problem's shape as their last argument, as the general one does. */
  readonly takesShape: boolean;
}

/** What a kernel is chosen for: a `CudaDevice` is one. */
export interface Gpu {
  readonly target: CudaTarget;
  /** The newest CUDA that the driver knows: `13.0`. */
  readonly driver: string;
}

/**
 * The best kernel that there is on a GPU for a problem, or for the one that it is {@link computedAs}: the first of the
 * library's {@link candidates}, else the general one. A candidate's image is taken as it was shipped where it was made for this very
 * architecture by a CUDA that the driver knows, or where there is no compiler; else its source is compiled, once.
 * @throws DeviceError if no kernel can do it, there is neither a compiler nor an image, the library was changed, a source
 *   does not compile, or the cache cannot be written
 */
export async function cudaDispatch(asked: Problem, gpu: Gpu, options: DispatchOptions): Promise<CudaBinary> {
  requireProblem(asked);
  const problem = computedAs(asked);
  return bestKernel(convolutionOp(problem, 'GPU'), problem, gpu, options);
}

/** The library's kernel, else the general one. @throws DeviceError, see {@link cudaDispatch} */
export async function bestKernel(
  op: GeneralOp,
  problem: Problem,
  gpu: Gpu,
  options: DispatchOptions,
): Promise<CudaBinary> {
  return (
    (await publishedKernel(problem, gpu, options)) ??
    (options.untuned === 'generate' ? await untunedKernel(problem, gpu.target, options) : undefined) ??
    generalKernel(op, problem, gpu.target, options)
  );
}

/** The library's kernel, as it was shipped or compiled. @throws DeviceError, see {@link cudaDispatch} */
export async function publishedKernel(
  problem: Problem,
  { target, driver }: Gpu,
  options: DispatchOptions,
): Promise<CudaBinary | undefined> {
  const { library } = options;
  requireLibrary(library);
  if (!library) return undefined;
  const found = candidates(library, problem, target);
  const [best] = found;
  if (!best) return undefined;
  if (best.reason === undefined && isKnown(driver, best.image)) return shipped(best, best.image, library);
  const compiler = await findCudaCompiler();
  if (!compiler) return firstShipped(found, library);
  const { name, file, fileHash } = best.entry;
  const text = new TextDecoder().decode(await publishedFile(library, file, fileHash));
  return published(best, await compiled(compiler, { name, text, arch: best.arch }, options));
}

async function untunedKernel(
  problem: Problem,
  target: CudaTarget,
  options: DispatchOptions,
): Promise<CudaBinary | undefined> {
  const compiler = await findCudaCompiler();
  if (!compiler) return undefined;
  const { untunedSource } = await import('../untuned.js');
  const made = untunedSource(problem, target, options.library);
  if (!made?.launch) return undefined;
  const { name, text, launch: plan } = made;
  const image = await compiled(compiler, { name, text, arch: target.arch }, options);
  const reason = absence(problem, target, options.library);
  return { origin: { kind: 'untuned', kernel: name, reason }, symbol: name, plan, image, takesShape: false };
}

async function generalKernel(
  op: GeneralOp,
  problem: Problem,
  target: CudaTarget,
  options: DispatchOptions,
): Promise<CudaBinary> {
  const { library } = options;
  const compiler = await findCudaCompiler();
  if (!compiler) throw noCompiler(library && candidates(library, problem, target)[0]?.entry.name, problem);
  const compilation = { name: CUDA_GENERAL_KERNELS[op], text: cudaGeneralKernel(op), arch: target.arch };
  const image = await compiled(compiler, compilation, options);
  const origin: Origin = { kind: 'general', reason: absence(problem, target, library) };
  return { origin, symbol: compilation.name, plan: cudaGeneralLaunch(op, problem), image, takesShape: true };
}

/** Whether a driver knows the CUDA that made an image: `nvcc 13.0.88`. What a newer minor version makes, it loads, too. */
function isKnown(driver: string, image: KernelImage | undefined): image is KernelImage {
  const made = image && /(\d+)\.\d/.exec(image.compiler)?.[1];
  return made !== undefined && Number(made) <= Number.parseInt(driver, 10);
}

/** The first kernel whose image runs here. */
async function firstShipped(
  found: readonly Candidate[],
  library: KernelLibrary,
): Promise<CudaBinary | undefined> {
  for (const one of found) if (one.image) return shipped(one, one.image, library);
  return undefined;
}

async function shipped(
  candidate: Candidate,
  { file, hash }: KernelImage,
  library: KernelLibrary,
): Promise<CudaBinary> {
  return published(candidate, unpackedImage(await publishedFile(library, file, hash)));
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

function noCompiler(kernel: string | undefined, problem: Problem): DeviceError {
  return new DeviceError('system', {
    code: 'cuda-compiler-missing',
    value: kernel ?? layerName(problem),
    rule: 'this kernel is not shipped compiled for this GPU, and neither NVRTC nor nvcc was found to compile it',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
