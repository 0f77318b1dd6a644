import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sha256 } from '../hash.js';
import type { KernelEntry, KernelImage } from './entry.js';
import { LibraryError } from './errors.js';
import { type Image, kernelKey, type PublishedKernel, type RenderedKernel } from './kernel_file.js';
import { type Manifest, readManifest } from './manifest.js';
import { publish } from './publish.js';

export interface Republication {
  readonly folder: string;
  /** Renders a kernel again, from its name. */
  readonly render: (entry: KernelEntry) => RenderedKernel;
  readonly extras?: Readonly<Record<string, string>>;
  /** By {@link kernelKey}, images of kernels whose sources have changed while their machine code has not: of {@link rewordedKernels}. */
  readonly reworded?: ReadonlyMap<string, Image>;
}

/**
 * Writes a library again from its manifest, with the kernels as the generator renders them today: their heads, the index
 * and the table may change. Nothing is measured, so the sources must be those that were, or have the same machine code.
 *
 * @throws LibraryError if the folder holds no library, or a damaged one, or cannot be written, or if
 * {@link publishedAgain} throws; the folder is then as it was
 */
export function republish({ folder, render, reworded, ...rest }: Republication): Manifest {
  const madeFrom = readManifest(folder);
  const { command, kernels } = madeFrom;
  return publish({
    ...rest,
    folder,
    madeFrom,
    command,
    kernels: publishedAgain(folder, kernels, render, reworded),
  });
}

/**
 * Kernels of a library, ready to be published once more.
 *
 * @throws LibraryError if the generator writes another source for one of them, or launches it otherwise, than was
 * measured, or if an image is not the one that it was published with
 */
export function publishedAgain(
  folder: string,
  entries: readonly KernelEntry[],
  render: Republication['render'],
  reworded: Republication['reworded'] = new Map(),
): readonly PublishedKernel[] {
  return entries.map((entry) => {
    const kernel = render(entry);
    const image = reworded.get(kernelKey(entry));
    if (image && isReworded(entry, kernel)) return { entry, ...kernel, image };
    requireMeasured(entry, kernel);
    return { entry, ...kernel, ...(entry.image && { image: imageOf(folder, entry.image) }) };
  });
}

/**
 * A kernel's image that a library has already, whole and made by that compiler from that very source. What compilers make of
 * one source differs in names that they choose by chance.
 * @param compiler undefined where there is none to make it again: then any compiler's will do
 */
export function standingImage(
  folder: string,
  entries: readonly KernelEntry[],
  kernel: PublishedKernel,
  compiler: string | undefined,
): Image | undefined {
  const key = kernelKey(kernel.entry);
  const image = entries.find((entry) => kernelKey(entry) === key)?.image;
  if (image?.sourceHash !== sha256(kernel.source)) return undefined;
  if (compiler !== undefined && image.compiler !== compiler) return undefined;
  try {
    return imageOf(folder, image);
  } catch {
    return undefined; // is made again
  }
}

/** A kernel whose source the generator writes otherwise than it was measured, with the image of the one that was. */
export interface RewordedKernel {
  readonly kernel: PublishedKernel;
  readonly measured: Image;
}

/**
 * Those kernels of a library, where they have images: if their compiler makes the same machine code of the new source, words have changed and
 * nothing else has.
 *
 * @throws LibraryError if such an image is damaged
 */
export function rewordedKernels(
  folder: string,
  entries: readonly KernelEntry[],
  render: Republication['render'],
): readonly RewordedKernel[] {
  return entries.flatMap((entry) => {
    const kernel = render(entry);
    if (!entry.image || !isReworded(entry, kernel)) return [];
    return [{ kernel: { entry, ...kernel }, measured: imageOf(folder, entry.image) }];
  });
}

function isReworded({ sourceHash, launch }: KernelEntry, kernel: RenderedKernel): boolean {
  return sha256(kernel.source) !== sourceHash && isDeepStrictEqual(kernel.launch, launch);
}

const TUNE_AGAIN =
  'tune it again, and publish with `oriented1d library publish`, or publish into an empty folder';

function requireMeasured({ name, sourceHash, launch, image }: KernelEntry, kernel: RenderedKernel): void {
  const same = sha256(kernel.source) === sourceHash;
  if (same && isDeepStrictEqual(kernel.launch, launch)) return;
  throw new LibraryError({
    code: 'kernel-unmeasured',
    value: name,
    rule: same
      ? 'this version of the generator launches it otherwise than it was measured'
      : 'this version of the generator writes another source for it than the one that was measured',
    remedy: `${!same && image ? `refresh it with ${image.compiler} if only words have changed; else ` : ''}${TUNE_AGAIN}`,
  });
}

/** An image as it lies there: it cannot be made again without a compiler. */
function imageOf(folder: string, { file, hash, compiler }: KernelImage): Image {
  const path = join(folder, file);
  const bytes = read(path);
  if (sha256(bytes) !== hash)
    throw damaged(path, 'this image is not the one that the kernel was published with');
  return { bytes, compiler };
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw damaged(path, `this image of a kernel cannot be read: ${(cause as Error).message}`, cause);
  }
}

function damaged(path: string, rule: string, cause?: unknown): LibraryError {
  return new LibraryError({
    code: 'image-damaged',
    value: path,
    rule,
    remedy:
      'restore it from a copy, or publish the kernel from the database with `oriented1d library publish`',
    cause,
  });
}
