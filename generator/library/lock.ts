import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Claimant, isAlive, thisProcess } from '../claimant.js';
import { LibraryError } from './errors.js';

/** A lock without a holder is one that is being written; after so long its writer has died in the middle. In ms. */
const TO_BE_WRITTEN = 10_000;

/**
 * Keeps other processes from publishing into a folder while `action` does: by a file beside it that says who has it.
 * One whose process has died is taken over.
 *
 * @param folder absolute path, in a folder that exists
 * @throws LibraryError if another process has it; whatever `action` throws
 */
export function locked<T>(folder: string, action: () => T): T {
  const lock = join(dirname(folder), `.${basename(folder)}.lock`);
  if (!take(lock)) {
    removeStale(folder, lock);
    if (!take(lock)) throw inUse(folder, lock);
  }
  try {
    return action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Whether the file could be made; of several processes, one's. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, JSON.stringify(thisProcess()), { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    return false;
  }
}

/**
 * Removes a lock that a dead process left. Two that do so at once could each remove the other's new lock; so whoever
 * removes one has a lock for that, and looks once more.
 * @throws LibraryError if its process lives, or another one is removing it
 */
function removeStale(folder: string, lock: string): void {
  if (stateOf(lock) === 'held') throw inUse(folder, lock);
  const removal = `${lock}.removal`;
  if (!take(removal)) throw inUse(folder, removal);
  try {
    if (stateOf(lock) === 'stale') rmSync(lock); // nobody else removes it, so it is this one still
  } finally {
    rmSync(removal, { force: true });
  }
}

function stateOf(lock: string): 'absent' | 'held' | 'stale' {
  const text = contentOf(lock);
  if (text === undefined) return 'absent';
  const holder = claimant(text);
  const held = holder ? isAlive(holder) : Date.now() - (mtimeOf(lock) ?? Date.now()) < TO_BE_WRITTEN;
  return held ? 'held' : 'stale';
}

function claimant(text: string): Claimant | undefined {
  try {
    return JSON.parse(text) as Claimant;
  } catch {
    return undefined;
  }
}

/** Undefined if it is gone. */
function contentOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    return undefined;
  }
}

function mtimeOf(lock: string): number | undefined {
  return statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
}

function inUse(folder: string, lock: string): LibraryError {
  const holder = claimant(contentOf(lock) ?? '');
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new LibraryError({
    code: 'folder-locked',
    value: folder,
    rule: `${who} is publishing into this folder`,
    remedy: `publish again when it is done; if there is no such process, remove ${lock}`,
    fault: 'system',
  });
}
