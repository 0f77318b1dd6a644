import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../folder.js';
import { contents, type Publication } from './contents.js';
import { folderError, LibraryError } from './errors.js';
import { MANIFEST, type Manifest, ownFiles, readManifest } from './manifest.js';
import { filesBelow, isWorkingFolder, realFolder, recoverFolder, replaceFolder } from './replace.js';

/**
 * Writes a kernel library: readable kernels with their provenance, a typed index, a manifest and a table. The folder's
 * library is replaced in one step, and files that are not the library's stay.
 *
 * @param folder where the library goes; made if it does not exist
 * @returns the manifest, as written
 * @throws LibraryError if the kernels do not make a library, or if the folder is not a library's or cannot be written;
 * the folder is then as it was
 */
export function publish({ folder, ...publication }: Publication & { readonly folder: string }): Manifest {
  const { manifest, files } = contents(publication);
  try {
    const place = realFolder(resolve(folder));
    if (isWorkingFolder(place)) throw inUse(folder);
    makeFolder(dirname(place));
    recoverFolder(place);
    replaceFolder(place, files, foreignFiles(place, files));
  } catch (cause) {
    throw folderError(folder, cause);
  }
  return manifest;
}

/** Files of the folder that are not the library's, and that publishing must therefore keep. */
function foreignFiles(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const present = filesBelow(folder);
  const own = new Set(present.includes(MANIFEST) ? ownFiles(readManifest(folder)) : []);
  const foreign = present.filter((path) => !own.has(path) && !isSame(join(folder, path), files.get(path)));
  const inTheWay = own.size > 0 ? foreign.find((path) => files.has(path)) : foreign[0];
  if (inTheWay === undefined) return foreign;
  throw new LibraryError({
    code: 'folder-foreign',
    value: folder,
    rule: `the folder holds ${inTheWay}, which publishing did not write`,
    remedy: 'choose an empty or a new folder, or move that file away',
  });
}

function isSame(file: string, text: string | undefined): boolean {
  return text !== undefined && lstatSync(file).isFile() && readFileSync(file, 'utf8') === text;
}

function inUse(folder: string): LibraryError {
  return new LibraryError({
    code: 'folder-in-use',
    value: folder,
    rule: 'a library is replaced as a whole folder, which cannot be the one that this process works in',
    remedy: 'change to the folder above it, and name it from there',
  });
}
