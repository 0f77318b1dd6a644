import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../hash.js';
import { folderError } from './errors.js';
import { fileHashes, type Manifest, readManifest } from './manifest.js';
import { filesBelow } from './replace.js';

/** Whether a library's files are those that were published. Paths are relative to its folder. */
export interface LibraryCheck {
  readonly kind: 'library-check';
  readonly folder: string;
  readonly manifest: Manifest;
  readonly ok: boolean;
  readonly missing: readonly string[];
  /** Other content than was published. */
  readonly changed: readonly string[];
  /** Files below kernels/ that are no published kernel, and would be taken for one. */
  readonly extra: readonly string[];
}

/**
 * Compares every file of a library with the manifest.
 * @throws LibraryError if the folder holds no library, or if its manifest is damaged
 */
export function checkLibrary(folder: string): LibraryCheck {
  const manifest = readManifest(folder);
  const expected = fileHashes(manifest);
  try {
    const present = new Set(filesBelow(folder));
    const missing = [...expected.keys()].filter((path) => !present.has(path));
    const changed = [...expected].filter(
      ([path, hash]) => present.has(path) && hashOf(folder, path) !== hash,
    );
    const extra = [...present].filter((path) => path.startsWith('kernels/') && !expected.has(path));
    return Object.freeze({
      kind: 'library-check',
      folder,
      manifest,
      ok: missing.length + changed.length + extra.length === 0,
      missing: Object.freeze(missing),
      changed: Object.freeze(changed.map(([path]) => path)),
      extra: Object.freeze(extra),
    });
  } catch (cause) {
    throw folderError(folder, cause);
  }
}

function hashOf(folder: string, path: string): string {
  return sha256(readFileSync(join(folder, path)));
}
