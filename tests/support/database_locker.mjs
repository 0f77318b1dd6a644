// Another program that has a database locked again and again: holds an exclusive transaction for as long as it leaves
// the database alone afterwards. Tells its parent each time. Arguments: the database, milliseconds.
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

const [path, pause] = process.argv.slice(2);
const db = new Database(path, { timeout: 10_000 });
for (;;) {
  db.exec('BEGIN EXCLUSIVE');
  process.send('locked');
  await sleep(Number(pause));
  db.exec('COMMIT');
  await sleep(Number(pause));
}
