import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { BUSY_TIMEOUT, connect } from './database.js';
import { guarded, requireSound } from './failure.js';
import { inspect } from './header.js';
import { requireNewest } from './migrate.js';

/** Bytes 18 and 19 of a database say with how new a journal it is written and read: 1 is the oldest, 2 a log. */
const JOURNAL_VERSIONS = [18, 19];

/**
 * Opens a store's database for those who only read. Where it may not be written it is opened as it lies there, and
 * nothing is left beside it.
 * @throws StoreError if it cannot be opened or is not a store
 */
export function openToRead(path: string): Database.Database {
  const file = resolve(path);
  return guarded(file, () => {
    inspect(file);
    return isWritable(file) ? connect(file) : connectUnwritable(file);
  });
}

/** A reader that may write does so too: one that may not leaves the log behind, also for its owner. */
function isWritable(file: string): boolean {
  try {
    for (const path of [file, dirname(file)]) accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function connectUnwritable(file: string): Database.Database {
  // With a journal beside it somebody has it open or was cut short. Without one it is whole, but SQLite refuses to read
  // it where it cannot put a log beside it.
  const inUse = ['-wal', '-journal'].some((suffix) => existsSync(file + suffix));
  const db = new Database(inUse ? file : copyOf(file), { readonly: true, timeout: BUSY_TIMEOUT });
  try {
    requireSound(db, file);
    requireNewest(db, file);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** A database's bytes, said to need no log: in memory there can be none. */
function copyOf(file: string): Buffer {
  const bytes = readFileSync(file);
  for (const at of JOURNAL_VERSIONS) if (at < bytes.length) bytes[at] = 1;
  return bytes;
}
