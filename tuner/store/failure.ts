import type { Database } from 'better-sqlite3';
import { OrientedError } from '../../generator/errors.js';
import { StoreError } from '../errors.js';

interface Explanation {
  readonly code: string;
  readonly rule: string;
  readonly remedy: string;
  readonly fault: 'user' | 'system';
}

const FULL: Explanation = {
  code: 'store-full',
  rule: 'the disk is full; every trial recorded so far is kept',
  remedy: 'make room and run the same command again, it goes on from there',
  fault: 'system',
};
const BUSY: Explanation = {
  code: 'store-busy',
  rule: 'another program holds the database locked',
  remedy: 'wait for it or close it, then run the same command again',
  fault: 'system',
};
const NO_WRITING: Explanation = {
  code: 'store-unwritable',
  rule: 'the database and its folder must be readable and writable',
  remedy: 'change their permissions, or give a file in another folder with --db',
  fault: 'user',
};
const NO_FOLDER: Explanation = {
  code: 'store-no-folder',
  rule: 'the folder of the database does not exist',
  remedy: 'create it, or give a file in another folder with --db',
  fault: 'user',
};
const CORRUPT: Explanation = {
  code: 'store-corrupt',
  rule: 'the database is damaged',
  remedy:
    'restore it from a copy, save what is left with `sqlite3 FILE .recover`, or give another file with --db',
  fault: 'user',
};
const UNREADABLE: Explanation = {
  code: 'store-io',
  rule: 'the disk failed to read or write the database',
  remedy: 'check the disk and the room left on it, then run the same command again',
  fault: 'system',
};

/** SQLite's result codes and Node's system codes; extended codes (SQLITE_IOERR_WRITE) go with their family. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  SQLITE_FULL: FULL,
  SQLITE_BUSY: BUSY,
  SQLITE_LOCKED: BUSY,
  SQLITE_READONLY: NO_WRITING,
  SQLITE_CANTOPEN: NO_WRITING,
  SQLITE_PERM: NO_WRITING,
  SQLITE_NOTADB: CORRUPT,
  SQLITE_CORRUPT: CORRUPT,
  // Our statements are always the same: SQLite refuses one only where tables were dropped or changed, or a header was.
  SQLITE_ERROR: CORRUPT,
  SQLITE_IOERR: UNREADABLE,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: NO_WRITING,
  EPERM: NO_WRITING,
  EROFS: NO_WRITING,
  ENOENT: NO_FOLDER,
  ENOTDIR: NO_FOLDER,
  EIO: UNREADABLE,
};

/** Runs an action on the database at `path`; what SQLite or the file system throws becomes a StoreError. */
export function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw storeError(path, cause);
  }
}

/**
 * Looks through a database for pages, rows and values that SQLite would not have written, so that damage is found when
 * it is opened and not after an hour of tuning. Takes about as long as reading the file.
 * @throws StoreError
 */
export function requireSound(db: Database, path: string): void {
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw damaged(path, String(found));
}

function storeError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof OrientedError) return cause;
  const code = String((cause as { code?: unknown }).code);
  const explanation = EXPLANATIONS[code] ?? EXPLANATIONS[/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? ''];
  if (explanation === CORRUPT) return damaged(path, cause.message, cause);
  if (!explanation) return cause;
  const { fault, ...complaint } = explanation;
  return new StoreError({ ...complaint, value: path, cause }, fault);
}

function damaged(path: string, detail: string, cause?: unknown): StoreError {
  const { fault, rule, ...complaint } = CORRUPT;
  return new StoreError({ ...complaint, rule: `${rule}: ${detail}`, value: path, cause }, fault);
}
