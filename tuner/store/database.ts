import { randomUUID } from 'node:crypto';
import { accessSync, linkSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../errors.js';
import { guarded, requireSound } from './failure.js';
import { inspect } from './header.js';
import { migrate } from './migrate.js';

/** Milliseconds to wait for another tuner's transaction; each is a few rows long. */
export const BUSY_TIMEOUT = 15_000;

/**
 * Opens a store's database, created if the file is absent or empty, at the newest schema.
 * @throws StoreError if it cannot be opened or is not a store; then nothing is left behind that was not there before
 */
export function openDatabase(path: string): Database.Database {
  const file = resolve(path);
  return guarded(file, () => {
    if (inspect(file) === 'absent') createAside(file);
    return connect(file);
  });
}

/**
 * Builds the database under another name and links it into place, so that a failure leaves no half of it, and of two
 * processes that do so at once the second takes the first one's.
 */
function createAside(file: string): void {
  accessSync(`${dirname(file)}/.`); // better-sqlite3 has no error code for a folder that is not there
  const aside = `${file}.${randomUUID()}.new`;
  try {
    connect(aside).close();
    linkIntoPlace(aside, file);
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(aside + suffix, { force: true });
  }
}

/** Unlike a rename, a link never takes the place of what another process has put there in the meantime. */
function linkIntoPlace(aside: string, file: string): void {
  try {
    linkSync(aside, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw cause;
    throw new StoreError({
      code: 'store-no-links',
      value: file,
      rule: "this folder's file system has no hard links, which a database is put in place with",
      remedy: 'give a file on a local disk with --db',
      cause,
    });
  }
}

/** Opens a database that is there, at the newest schema. What SQLite throws passes through. */
export function connect(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_TIMEOUT });
  try {
    db.pragma('foreign_keys = ON');
    // A trial takes seconds and one more sync milliseconds: a power cut should lose none either.
    db.pragma('synchronous = FULL');
    requireSound(db, file);
    // The schema comes first: in the log, the application's id would not yet be in the file for inspect() to see.
    migrate(db);
    useLog(db);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** A write-ahead log, so that readers and the writer do not wait for each other. */
function useLog(db: Database.Database): void {
  try {
    db.pragma('journal_mode = WAL');
  } catch (cause) {
    // Several processes open a file that was empty, and SQLite does not wait here. The mode is the file's and every
    // opening tries again; until then all works without the log.
    if ((cause as { code?: unknown }).code !== 'SQLITE_BUSY') throw cause;
  }
}
