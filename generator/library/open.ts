import { resolve } from 'node:path';
import { defineLibrary, type KernelLibrary } from '../../runtime/library.js';
import { kernelKey } from './kernel_file.js';
import { readManifest } from './manifest.js';

/**
 * A published library by its folder, for a program that does not import its index.
 * @throws LibraryError if the folder holds no library, or if its manifest is damaged
 */
export function openLibrary(folder: string): KernelLibrary {
  const { kernels } = readManifest(folder);
  return defineLibrary({
    folder: resolve(folder),
    kernels: Object.fromEntries(kernels.map((entry) => [kernelKey(entry), entry])),
  });
}
