import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, as mkdir -p. Node's own recursive mkdir never returns below /proc and the like,
 * where a parent can neither be found nor made.
 * @throws the system's error, with its code
 */
export function makeFolder(path: string): void {
  make(resolve(path), []);
}

/** Whether {@link makeFolder} would do: throws as it would, and leaves nothing behind. */
export function tryFolder(path: string): void {
  const made: string[] = [];
  try {
    make(resolve(path), made);
  } finally {
    for (const folder of made.toReversed()) removeEmpty(folder);
  }
}

/** @param made takes the folders that were made here, the outermost first */
function make(folder: string, made: string[]): void {
  if (isFolder(folder)) return;
  if (!existsSync(dirname(folder))) make(dirname(folder), made);
  try {
    mkdirSync(folder);
    made.push(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process may have been quicker, or have taken away what it had only tried.
    if (code === 'EEXIST' && isFolder(folder)) return;
    if (code !== 'ENOENT' || existsSync(dirname(folder))) throw error;
    make(folder, made);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Another process may have put something there meanwhile, or have taken the folder away. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
