import { resolve } from 'node:path';
import { kernelKey } from '../generator/library/kernel_file.js';
import { readManifest } from '../generator/library/manifest.js';
import { defineLibrary, type KernelLibrary } from './library.js';

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
