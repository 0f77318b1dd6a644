import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from '../generator/folder.js';
import { DeviceError } from './errors.js';

/** Where compiled kernels are kept: $ORIENTED1D_CACHE, else the user's cache folder (XDG base directories). */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.ORIENTED1D_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'oriented1d'));
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
