import { randomBytes } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { makeFolder } from '../generator/folder.js';
import { atEnd } from '../runtime/at_end.js';
import { systemReason } from '../runtime/system_reason.js';
import { CliError, OutputError } from './errors.js';

/** What a file is to hold. */
export interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Writes one file, as {@link writeAllAside} does several. */
export async function writeAside(path: string, content: string | Uint8Array): Promise<void> {
  await writeAllAside([{ path, content }]);
}

/** The same of a document, as JSON that people can read. @throws OutputError */
export async function writeJsonAside(path: string, document: unknown): Promise<void> {
  await writeAside(path, `${JSON.stringify(document, null, 2)}\n`);
}

/**
 * Writes files whole, all of them or none: aside in the same folders, then renamed over. What is no regular file (a pipe,
 * /dev/null) is written as it is, since renaming would put a file in its place, and before anything is renamed.
 * @throws CliError if a place cannot be written, OutputError if writing fails; nothing half-written stays behind
 */
export async function writeAllAside(files: readonly OutputFile[]): Promise<void> {
  const all: (OutputFile & Destination)[] = [];
  for (const file of files) all.push({ ...file, ...(await assertWritable(file.path)) });
  const specials = all.filter(({ special }) => special);
  const regular = all
    .filter(({ special }) => !special)
    .map((file) => ({ ...file, aside: asideOf(file.place) }));
  const taken = atEnd(() => {
    for (const { aside } of regular) rmSync(aside, { force: true });
  });
  try {
    for (const { path, aside, content } of regular)
      await done(path, writeFile(aside, content, { flag: 'wx' }));
    for (const { path, place, content } of specials) await done(path, writeFile(place, content));
    for (const { path, aside, place } of regular) await done(path, rename(aside, place));
  } catch (error) {
    for (const { aside } of regular) await rm(aside, { force: true });
    throw error;
  } finally {
    taken();
  }
}

/** Where a path leads once its links are followed; `special` if something other than a regular file is there. */
export interface Destination {
  readonly place: string;
  readonly special: boolean;
}

/** Says early, before any work is done, that an output could not be written. Throws {@link CliError}. */
export async function assertWritable(path: string): Promise<Destination> {
  try {
    if (path === '' || path.endsWith('/') || path.endsWith(sep)) throw new Error('it names no file');
    const there = await stat(path).catch(nothingThere);
    if (there?.isDirectory()) throw new Error('it is a folder');
    if (there) await access(path, constants.W_OK);
    const special = there !== undefined && !there.isFile();
    // A pipe's link under /dev leads to no path at all.
    const place = there?.isFile() ? await realpath(path) : path;
    if (!special) await tryAside(place);
    return { place, special };
  } catch (cause) {
    return refuse(path, cause);
  }
}

/** Permissions alone do not tell: root may write everywhere, and below /proc or on a read-only disk nobody. */
async function tryAside(place: string): Promise<void> {
  const aside = asideOf(place);
  await writeFile(aside, '', { flag: 'wx' });
  await rm(aside);
}

function asideOf(place: string): string {
  return `${place}.${randomBytes(6).toString('hex')}.part`;
}

/** Makes a folder and those above it. @throws CliError if that cannot be */
export function ensureFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (cause) {
    throw new CliError({
      code: 'folder-unwritable',
      value: path,
      rule: `cannot be made a folder: ${systemReason(cause)}`,
      remedy: 'name a folder in a place that may be written to',
      cause,
    });
  }
}

function nothingThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** A step of writing what is asked for as this path. */
function done(path: string, step: Promise<void>): Promise<void> {
  return step.catch((cause) => fail(path, cause));
}

function fail(path: string, cause: unknown): never {
  throw new OutputError({
    code: 'output-failed',
    value: path,
    rule: `cannot be written: ${systemReason(cause)}`,
    remedy: 'name a file where there is room for it',
    cause,
  });
}

function refuse(path: string, cause: unknown): never {
  throw new CliError({
    code: 'output-unwritable',
    value: path,
    rule: `cannot be written: ${systemReason(cause)}`,
    remedy: 'name a file in a folder that exists and may be written to',
    cause,
  });
}
