import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.js';
import { APPLICATION_ID } from './header.js';
import { MIGRATIONS } from './migrations.js';

/**
 * Brings a database to the newest schema, all steps or none. Other processes may do the same at the same time.
 * @throws StoreError if it is newer than this program
 */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  // Looked at without a lock first: most of the time there is nothing to do, and a reader should not wait for a writer.
  if (version(db, migrations.length) === migrations.length) return;
  db.transaction(() => {
    for (const step of migrations.slice(version(db, migrations.length))) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

/**
 * For a database that may not be written.
 * @param file what to call it in an error
 * @throws StoreError if it is newer than this program, or older and therefore to be migrated
 */
export function requireNewest(db: Database, file: string): void {
  const found = version(db, MIGRATIONS.length, file);
  if (found === MIGRATIONS.length) return;
  throw new StoreError({
    code: 'store-older',
    value: file,
    rule: `this database has schema ${found}, must be brought to ${MIGRATIONS.length}, and may not be written`,
    remedy: 'give yourself the permission to write it and its folder, or copy it and name the copy with --db',
  });
}

function version(db: Database, newest: number, file = db.name): number {
  const found = db.pragma('user_version', { simple: true }) as number;
  if (found > newest)
    throw new StoreError({
      code: 'store-newer',
      value: file,
      rule: `this database has schema ${found}, and this version of oriented1d knows schemas up to ${newest}`,
      remedy: 'update oriented1d, or give another file with --db',
    });
  return found;
}
