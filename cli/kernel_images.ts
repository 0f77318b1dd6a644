import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { packedImage } from '../generator/library/image_bytes.js';
import type { Image, PublishedKernel } from '../generator/library/kernel_file.js';
import { readTarget } from '../generator/target.js';
import {
  type CudaCompiler,
  compileCuda,
  cudaCompilerName,
  findCudaCompiler,
} from '../runtime/cuda/compiler.js';
import { sideBySide } from '../runtime/side_by_side.js';

/**
 * Kernels with the images of those that are for a GPU; where there is no CUDA compiler, with those that are there already.
 *
 * An image is the cubin for the architecture that the kernel was tuned for: the code that was measured, and a GPU runs it
 * at once. Eight directions take 50 to 230 KB, a third of that packed. PTX
 * would be three times as large, and the driver would compile it for seconds, with other registers perhaps. Other
 * architectures compile the source.
 * @param standing an image that is there already, made by the compiler of that name, or by any where there is none here
 * @throws DeviceError if one does not compile, or the cache cannot be written
 */
export async function withImages(
  kernels: readonly PublishedKernel[],
  standing: (kernel: PublishedKernel, compiler: string | undefined) => Image | undefined,
): Promise<readonly PublishedKernel[]> {
  const isCuda = ({ entry }: PublishedKernel) => readTarget(entry.target).kind === 'cuda';
  const compiler = kernels.some(isCuda) ? await findCudaCompiler() : undefined;
  return sideBySide(kernels, availableParallelism(), async (kernel) => {
    const target = readTarget(kernel.entry.target);
    if (target.kind !== 'cuda') return kernel;
    const image =
      standing(kernel, compiler && cudaCompilerName(compiler)) ??
      (compiler && (await imageOf(kernel, target.arch, compiler)));
    return image ? { ...kernel, image } : kernel;
  });
}

/** A kernel's image by the compiler of that name; undefined where another one, or none, is here. @throws DeviceError as {@link withImages} */
export async function imageBy(kernel: PublishedKernel, name: string): Promise<Image | undefined> {
  const target = readTarget(kernel.entry.target);
  const compiler = await findCudaCompiler();
  if (target.kind !== 'cuda' || !compiler || cudaCompilerName(compiler) !== name) return undefined;
  return imageOf(kernel, target.arch, compiler);
}

async function imageOf(
  { entry, source }: PublishedKernel,
  arch: string,
  compiler: CudaCompiler,
): Promise<Image> {
  const path = await compileCuda(compiler, { name: entry.name, text: source, arch });
  return { bytes: packedImage(await readFile(path)), compiler: cudaCompilerName(compiler) };
}
