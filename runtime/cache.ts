import { randomUUID } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '../generator/folder.js';
import { sha256 } from '../generator/hash.js';
import { atEnd } from './at_end.js';
import { DeviceError } from './errors.js';
import { systemReason } from './system_reason.js';

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

/** Files that this process has seen to be whole, with what would tell that they were changed since. */
const whole = new Map<string, string>();

/**
 * Makes a file unless that was done before, and gives its path: a digest of all that it depends on. It is made aside
 * and renamed into place, so that several processes may do so at once. Beside it lies the SHA-256 of its bytes, in the
 * form of sha256sum: a file that was cut or changed would end the process that loads it, and is made anew.
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
  if (await isWhole(path)) return path;
  await ensureWritable(resolve(folder));
  await sweep(resolve(folder));
  const aside = `${path}.${randomUUID()}`;
  const taken = atEnd(() => {
    for (const file of [aside, sumOf(aside)]) rmSync(file, { force: true });
  });
  try {
    await make(aside);
    await putInPlace(aside, path).catch((cause: unknown) => {
      throw unwritable(dirname(path), cause);
    });
  } finally {
    await Promise.all([rm(aside, { force: true }), rm(sumOf(aside), { force: true })]).finally(taken);
  }
  return path;
}

/**
 * What {@link cached} makes aside. A compiler writes it when it is done, and the next moment it is in place: an hour is for clocks
 * of other hosts. A process that was killed leaves one, and a compiler that outlived it may put one there long after.
 */
const ASIDE = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.sha256)?$/;
const ABANDONED = 3600_000;

/** Folders that this process has swept. */
const swept = new Set<string>();

/** Removes what processes left that were killed while they made a file. Whatever cannot be removed stays. */
async function sweep(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const name of (await readdir(folder).catch(() => [])).filter((one) => ASIDE.test(one))) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED) await rm(path, { force: true }).catch(() => {});
  }
}

/** Whether a file is there, and as it was made. Its bytes are looked at once a process. */
async function isWhole(path: string): Promise<boolean> {
  const seen = await stampOf(path);
  if (seen === undefined) return false;
  if (whole.get(path) === seen) return true;
  try {
    if ((await readFile(sumOf(path), 'utf8')) !== sumLine(path, await readFile(path))) return false;
  } catch {
    return false; // one of both is not there, or cannot be read
  }
  whole.set(path, seen);
  return true;
}

/** The sum first, so that a file that is in place has one. */
async function putInPlace(aside: string, path: string): Promise<void> {
  await writeFile(sumOf(aside), sumLine(path, await readFile(aside)));
  await rename(sumOf(aside), sumOf(path));
  await rename(aside, path);
}

function sumOf(path: string): string {
  return `${path}.sha256`;
}

function sumLine(path: string, bytes: Uint8Array): string {
  return `${sha256(bytes)}  ${basename(path)}\n`;
}

/** Changes when a file is replaced or written to. Undefined if it is not there. */
async function stampOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
}

/** Makes the folder if need be. @throws DeviceError if it cannot be made or written */
export async function ensureWritable(folder: string): Promise<void> {
  try {
    makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function unwritable(folder: string, cause: unknown): DeviceError {
  const { code } = cause as NodeJS.ErrnoException;
  const isFile = code === 'ENOTDIR' || code === 'EEXIST';
  return new DeviceError(code === 'ENOSPC' || code === 'EDQUOT' ? 'system' : 'user', {
    code: 'cache-unwritable',
    value: folder,
    rule: isFile
      ? 'the cache of compiled kernels is a folder, and a file is in its place or above it'
      : `the cache of compiled kernels cannot be written: ${systemReason(cause)}`,
    remedy: 'set ORIENTED1D_CACHE to a folder of yours, on a disk with room',
    cause,
  });
}
