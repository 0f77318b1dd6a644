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
import { basename, dirname, join, sep } from 'node:path';

/**
 * Replaces a folder's files in one step. Everything is written to a folder beside it, which then takes its name; so
 * whatever happens, the folder holds all of the old files or all of the new ones. Only between the two renames is there
 * no folder, and the old one lies beside it; the next call puts it back.
 *
 * @param folder absolute path; need not exist
 * @param files texts of the new files, by path
 * @param kept paths of the old files that stay
 * @throws NodeJS.ErrnoException, the folder being as it was
 */
export function replaceFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  kept: readonly string[],
): void {
  const staged = join(dirname(folder), `.${basename(folder)}.new-${process.pid}-${Date.now().toString(36)}`);
  mkdirSync(staged);
  try {
    for (const path of kept) keep(join(folder, path), join(staged, path));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(staged, path)), { recursive: true });
      // Flushed, so that a rename that survives a power cut does not name empty files.
      writeFileSync(join(staged, path), text, { flush: true });
    }
    if (existsSync(folder)) chmodSync(staged, statSync(folder).mode);
    swap(staged, folder);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** Undoes or finishes a replacement that was cut short. */
export function recoverFolder(folder: string): void {
  if (!existsSync(oldOf(folder))) return;
  if (existsSync(folder)) rmSync(oldOf(folder), { recursive: true });
  else renameSync(oldOf(folder), folder);
}

/** The folder's real path, whether or not it exists yet: a link stays, and what it points to is replaced. */
export function realFolder(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/** Paths of all files below a folder, links included and not followed; none if it does not exist. */
export function filesBelow(folder: string, prefix = ''): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) =>
    item.isDirectory()
      ? filesBelow(join(folder, item.name), `${prefix}${item.name}/`)
      : [`${prefix}${item.name}`],
  );
}

/** Whether this process works in the folder or below: it would be left in a folder that has no name. */
export function isWorkingFolder(folder: string): boolean {
  return `${process.cwd()}${sep}`.startsWith(`${folder}${sep}`);
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
