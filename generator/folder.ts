import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, as mkdir -p. Node's own recursive mkdir never returns below /proc and the like,
 * where a parent can neither be found nor made.
 * @returns the topmost folder that had to be made; undefined if none had to
 * @throws the system's error, with its code
 */
export function makeFolder(path: string): string | undefined {
  const folder = resolve(path);
  if (existsSync(folder) && statSync(folder).isDirectory()) return undefined;
  const above = existsSync(dirname(folder)) ? undefined : makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
  return above ?? folder;
}

/** Whether {@link makeFolder} would do: throws as it would, and leaves nothing behind. */
export function tryFolder(path: string): void {
  const made = makeFolder(path);
  if (made !== undefined) rmSync(made, { recursive: true });
}
