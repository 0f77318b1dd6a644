import type { KernelEntry } from '../../runtime/library.js';
import type { RenderedKernel } from './kernel_file.js';
import { type Manifest, readManifest } from './manifest.js';
import { publish } from './publish.js';

export interface Republication {
  readonly folder: string;
  /** Renders a kernel again, from its name. */
  readonly render: (entry: KernelEntry) => RenderedKernel;
  readonly extras?: Readonly<Record<string, string>>;
}

/**
 * Writes a library again from its manifest, with the kernels as the generator renders them today. Nothing is measured;
 * where the generator is the one that published the library, no byte changes.
 *
 * @throws LibraryError if the folder holds no library, or a damaged one, or cannot be written
 */
export function republish({ folder, render, ...rest }: Republication): Manifest {
  const { command, kernels } = readManifest(folder);
  return publish({
    ...rest,
    folder,
    command,
    kernels: kernels.map((kernel) => {
      const { file, sourceHash, ...entry } = kernel;
      return { entry, ...render(kernel) };
    }),
  });
}
