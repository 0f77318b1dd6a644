import { accessSync, constants, existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makeFolder, tryFolder } from '../folder.js';
import { contents, type Publication } from './contents.js';
import { folderError, LibraryError } from './errors.js';
import { locked } from './lock.js';
import { MANIFEST, type Manifest, ownFiles, readManifest } from './manifest.js';
import {
  type Content,
  filesBelow,
  isMountPoint,
  isWorkingFolder,
  leftBehind,
  realFolder,
  recoverFolder,
  replaceFolder,
  stagedName,
} from './replace.js';

/** What is published, and where. */
export interface Publishing extends Publication {
  readonly folder: string;
  /**
   * The library that stood there when this one was made from it, null if there was none: what another process has published since
   * would be lost. Not looked at unless given.
   */
  readonly madeFrom?: Manifest | null;
}

/**
 * Writes a kernel library: readable kernels with their provenance, a typed index, a manifest and a table. The folder's
 * library is replaced in one step, and files that are not the library's stay.
 *
 * @param folder where the library goes; made if it does not exist
 * @returns the manifest, as written
 * @throws LibraryError if the kernels do not make a library, if another process publishes into the folder or
 * has done so since, or if {@link assertPublishable} throws; the folder is then as it was
 */
export function publish({ folder, madeFrom, ...publication }: Publishing): Manifest {
  const { manifest, files } = contents(publication);
  const { place } = assertPublishable(folder, files);
  try {
    makeFolder(dirname(place));
    locked(place, () => {
      recoverFolder(place);
      if (madeFrom !== undefined) requireStanding(place, folder, madeFrom);
      // Once more, since another process may have published meanwhile.
      replaceFolder(place, files, foreignFiles(place, folder, files));
    });
  } catch (cause) {
    throw folderError(folder, cause);
  }
  return manifest;
}

/** Where a library may be published. */
export interface Place {
  /** The folder's real path. */
  readonly place: string;
  /** Paths of files that are not the library's, and that publishing must therefore keep. */
  readonly foreign: readonly string[];
}

/**
 * Says early, before any work is done, that a library could not be published into a folder. Changes nothing.
 *
 * @param files what will be published, by path, as far as they are known: they may be there already
 * @throws LibraryError if the folder is not a library's, or cannot be written, or is the one that this process works in
 */
export function assertPublishable(folder: string, files: ReadonlyMap<string, Content>): Place {
  try {
    const place = realFolder(resolve(folder));
    if (isWorkingFolder(place)) throw inUse(folder);
    if (isMountPoint(place)) throw mounted(folder);
    const standing = leftBehind(place) ?? place;
    const foreign = foreignFiles(standing, folder, files);
    requireReplaceable(standing, foreign);
    // A library is written beside its folder first, so there must be room for it there.
    tryFolder(stagedName(place));
    return { place, foreign };
  } catch (cause) {
    throw folderError(folder, cause);
  }
}

/**
 * The folder is renamed, and what is in it is removed file by file; so all folders in it must be writable, which shows
 * only then. Foreign files may have to be copied.
 */
function requireReplaceable(place: string, foreign: readonly string[]): void {
  if (!existsSync(place)) return;
  const folders = new Set(filesBelow(place).flatMap(foldersAbove));
  for (const folder of folders) accessSync(join(place, folder), constants.W_OK | constants.X_OK);
  for (const path of foreign)
    if (lstatSync(join(place, path)).isFile()) accessSync(join(place, path), constants.R_OK);
}

/** `a/b/c.txt` is in `a/b`, in `a` and in `.`. */
function foldersAbove(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? ['.'] : [parent, ...foldersAbove(parent)];
}

function foreignFiles(place: string, folder: string, files: ReadonlyMap<string, Content>): readonly string[] {
  const present = filesBelow(place);
  const own = new Set(present.includes(MANIFEST) ? ownFiles(readManifest(place)) : []);
  const foreign = present.filter((path) => !own.has(path) && !isSame(join(place, path), files.get(path)));
  const inTheWay = own.size > 0 ? foreign.find((path) => files.has(path)) : foreign[0];
  if (inTheWay === undefined) return foreign;
  throw new LibraryError({
    code: 'folder-foreign',
    value: folder,
    rule: `the folder holds ${inTheWay}, which publishing did not write`,
    remedy: 'choose an empty or a new folder, or move that file away',
  });
}

function requireStanding(place: string, folder: string, library: Manifest | null): void {
  const now = existsSync(join(place, MANIFEST)) ? readManifest(place) : null;
  if (isDeepStrictEqual(now, library)) return;
  throw new LibraryError({
    code: 'folder-changed',
    value: folder,
    rule: 'another process has published into this folder meanwhile, and what it wrote would be lost',
    remedy: 'publish again',
    fault: 'system',
  });
}

function isSame(file: string, content: Content | undefined): boolean {
  return content !== undefined && lstatSync(file).isFile() && readFileSync(file).equals(Buffer.from(content));
}

function inUse(folder: string): LibraryError {
  return new LibraryError({
    code: 'folder-in-use',
    value: folder,
    rule: 'a library is replaced as a whole folder, which cannot be the one that this process works in',
    remedy: 'change to the folder above it, and name it from there',
  });
}

function mounted(folder: string): LibraryError {
  return new LibraryError({
    code: 'folder-mounted',
    value: folder,
    rule: 'a mount point cannot be replaced in one step',
    remedy: 'choose a folder inside it',
  });
}
