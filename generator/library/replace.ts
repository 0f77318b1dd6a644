import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isAlive, thisProcess } from '../claimant.js';

const HOUR = 3_600_000; // ms

/** What a file holds: a text, or the bytes of a kernel's image. */
export type Content = string | Uint8Array;

/**
 * Replaces a folder's files in one step. Everything is written to a folder beside it, which then takes its name; so
 * whatever happens, the folder holds all of the old files or all of the new ones. Only between the two renames is there
 * no folder, and the old one lies beside it; the next call puts it back.
 *
 * @param folder absolute path; need not exist
 * @param files the new files, by path
 * @param kept paths of the old files that stay
 * @throws NodeJS.ErrnoException, the folder being as it was
 */
export function replaceFolder(
  folder: string,
  files: ReadonlyMap<string, Content>,
  kept: readonly string[],
): void {
  const staged = stagedName(folder);
  mkdirSync(staged);
  try {
    for (const path of kept) keep(join(folder, path), join(staged, path));
    for (const [path, content] of files) {
      mkdirSync(dirname(join(staged, path)), { recursive: true });
      // Flushed, so that a rename that survives a power cut does not name empty files.
      writeFileSync(join(staged, path), content, { flush: true });
    }
    if (existsSync(folder)) chmodSync(staged, statSync(folder).mode);
    swap(staged, folder);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** Undoes or finishes replacements that were cut short. Call it with the folder locked. */
export function recoverFolder(folder: string): void {
  if (leftBehind(folder) !== undefined) renameSync(oldOf(folder), folder);
  rmSync(oldOf(folder), { recursive: true, force: true });
  for (const name of existsSync(dirname(folder)) ? readdirSync(dirname(folder)) : []) {
    const path = join(dirname(folder), name);
    if (path.startsWith(stagedPrefix(folder)) && isAbandoned(path, path.slice(stagedPrefix(folder).length)))
      rmSync(path, { recursive: true, force: true });
  }
}

/** Whether no process will go on with a staged folder. Its name begins with its process's number. */
function isAbandoned(staged: string, name: string): boolean {
  const pid = Number(/^(\d+)-/.exec(name)?.[1]);
  if (pid > 0 && !isAlive({ ...thisProcess(), pid, processStart: null })) return true;
  return Date.now() - (statSync(staged, { throwIfNoEntry: false })?.mtimeMs ?? 0) > HOUR;
}

/** Where a replacement that was cut short left the old files, if the folder itself is gone. */
export function leftBehind(folder: string): string | undefined {
  return !existsSync(folder) && existsSync(oldOf(folder)) ? oldOf(folder) : undefined;
}

/** The folder's real path, whether or not it exists yet: a link stays, and what it points to is replaced. */
export function realFolder(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/** Whether a file lies in a folder, or is to, links followed as far as they lead. */
export function isInside(folder: string, file: string): boolean {
  return relative(realFolder(resolve(folder)), realFolder(resolve(file))).split(sep)[0] !== '..';
}

/** Sorted paths of all files below a folder, links included and not followed; none if it does not exist. */
export function filesBelow(folder: string, prefix = ''): readonly string[] {
  if (!existsSync(folder)) return [];
  const items = readdirSync(folder, { withFileTypes: true });
  return items
    .flatMap((item) => {
      const path = `${prefix}${item.name}`;
      return item.isDirectory() ? filesBelow(join(folder, item.name), `${path}/`) : [path];
    })
    .sort();
}

/** Whether this process works in the folder or below: it would be left in a folder that has no name. */
export function isWorkingFolder(folder: string): boolean {
  return `${process.cwd()}${sep}`.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** Whether something else is mounted on the folder: it cannot be renamed then. A part of its own disk does not show. */
export function isMountPoint(folder: string): boolean {
  return existsSync(folder) && statSync(folder).dev !== statSync(dirname(folder)).dev;
}

function swap(staged: string, folder: string): void {
  if (!existsSync(folder)) {
    renameSync(staged, folder);
    return;
  }
  renameSync(folder, oldOf(folder));
  try {
    renameSync(staged, folder);
  } catch (cause) {
    renameSync(oldOf(folder), folder);
    throw cause;
  }
  rmSync(oldOf(folder), { recursive: true });
}

/** A new folder's path beside a folder, where its files are written before they take its place. */
export function stagedName(folder: string): string {
  return `${stagedPrefix(folder)}${process.pid}-${randomUUID()}`;
}

function stagedPrefix(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.new-`);
}

function oldOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.old`);
}

/** A second name for the file, or a copy where the disk or its owner refuses one. */
function keep(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to, { preserveTimestamps: true, verbatimSymlinks: true });
  }
}
