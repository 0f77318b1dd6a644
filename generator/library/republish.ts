import type { KernelEntry } from '../../runtime/library.js';
import { sha256 } from '../hash.js';
import { LibraryError } from './errors.js';
import type { PublishedKernel, RenderedKernel } from './kernel_file.js';
import { type Manifest, readManifest } from './manifest.js';
import { publish } from './publish.js';

export interface Republication {
  readonly folder: string;
  /** Renders a kernel again, from its name. */
  readonly render: (entry: KernelEntry) => RenderedKernel;
  readonly extras?: Readonly<Record<string, string>>;
}

/**
 * Writes a library again from its manifest, with the kernels as the generator renders them today: their heads, the index
 * and the table may change. Nothing is measured, so the sources must be those that were.
 *
 * @throws LibraryError if the folder holds no library, or a damaged one, or cannot be written, or if the generator
 * writes another source for one of its kernels than was measured; the folder is then as it was
 */
export function republish({ folder, render, ...rest }: Republication): Manifest {
  const { command, kernels } = readManifest(folder);
  return publish({
    ...rest,
    folder,
    command,
    kernels: kernels.map((kernel) => again(kernel, render(kernel))),
  });
}

function again(
  { file, fileHash, sourceHash, ...entry }: KernelEntry,
  kernel: RenderedKernel,
): PublishedKernel {
  if (sha256(kernel.source) === sourceHash) return { entry, ...kernel };
  throw new LibraryError({
    code: 'kernel-unmeasured',
    value: entry.name,
    rule: 'this version of the generator writes another source for it than the one that was measured',
    remedy: 'tune it again, and publish with `oriented1d library publish`',
  });
}
