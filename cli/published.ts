import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../generator/library/manifest.js';
import { packagePath } from '../generator/package.js';
import { defineLibrary, type KernelLibrary } from '../runtime/library.js';
import { openLibrary } from '../runtime/open_library.js';

/** The folder of the kernels that this package was published with. */
export const PUBLISHED: string = packagePath('generated');

/** The kernels of a folder; this package's own unless one is named. @throws LibraryError */
export function namedLibrary(folder: string | undefined): KernelLibrary {
  return folder === undefined ? publishedLibrary() : openLibrary(folder);
}

/**
 * The kernels of this package; an empty library where it was built without any. Read by its manifest rather than by
 * importing its index, which needs the compiled package and tells nothing useful when it is damaged.
 * @throws LibraryError if the manifest is damaged
 */
export function publishedLibrary(): KernelLibrary {
  return existsSync(join(PUBLISHED, MANIFEST))
    ? openLibrary(PUBLISHED)
    : defineLibrary({ folder: PUBLISHED, kernels: {} });
}
