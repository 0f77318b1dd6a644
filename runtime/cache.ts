import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from '../generator/folder.js';
import { sha256 } from '../generator/hash.js';
import { DeviceError } from './errors.js';

/** Where compiled kernels are kept: $ORIENTED1D_CACHE, else the user's cache folder (XDG base directories). */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.ORIENTED1D_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'oriented1d'));
}

/** A file that is made from what it depends on. */
export interface CachedFile {
  /** Begins the file's name. */
  readonly name: string;
  /** `so`. */
  readonly extension: string;
  /** All that the file depends on. */
  readonly key: readonly unknown[];
  /** The cache, if not the user's own. */
  readonly folder?: string;
}

/**
 * Makes a file unless that was done before, and gives its path: a digest of all that it depends on. It is made aside
 * and renamed into place, so that several processes may do so at once.
 * @param make writes the file to the path that it is given
 * @throws DeviceError if the cache cannot be written; whatever `make` throws
 */
export async function cached(
  { name, extension, key, folder = cacheFolder() }: CachedFile,
  make: (aside: string) => Promise<void>,
): Promise<string> {
  const digest = sha256(JSON.stringify(key));
  // A name may be longer than a file's name can be; the digest tells files apart.
  const path = join(resolve(folder), `${name.slice(0, 120)}-${digest.slice(0, 24)}.${extension}`);
  if (existsSync(path)) return path;
  await ensureWritable(resolve(folder));
  const aside = `${path}.${randomUUID()}`;
  try {
    await make(aside);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
  return path;
}

/** Makes the folder if need be. @throws DeviceError if it cannot be made or written */
export async function ensureWritable(folder: string): Promise<void> {
  try {
    makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new DeviceError('user', {
      code: 'cache-unwritable',
      value: folder,
      rule: `the cache of compiled kernels cannot be written: ${(cause as Error).message}`,
      remedy: 'set ORIENTED1D_CACHE to a folder of yours',
      cause,
    });
  }
}
