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

function version(db: Database, newest: number): number {
  const found = db.pragma('user_version', { simple: true }) as number;
  if (found > newest)
    throw new StoreError({
      code: 'store-newer',
      value: db.name,
      rule: `this database has schema ${found}, and this version of oriented1d knows schemas up to ${newest}`,
      remedy: 'update oriented1d, or give another file with --db',
    });
  return found;
}
