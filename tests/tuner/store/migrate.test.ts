import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../../tuner/errors.js';
import { migrate } from '../../../tuner/store/migrate.js';
import { MIGRATIONS } from '../../../tuner/store/migrations.js';

const STEPS = [
  "CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('kept')",
  'ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 5',
  'CREATE TABLE b (z TEXT) STRICT',
];

const version = (db: Database.Database) => db.pragma('user_version', { simple: true });
const schema = (db: Database.Database) =>
  db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();

/** A database as a program that knew only these steps left it. */
function database(steps: readonly string[]): Database.Database {
  const db = new Database(':memory:');
  migrate(db, steps);
  return db;
}

describe('migrate', () => {
  test.each([1, 2, 3])('takes the steps that version %i lacks, and keeps its rows', (from) => {
    const db = database(STEPS.slice(0, from));
    migrate(db, STEPS);
    expect(version(db)).toBe(3);
    expect(schema(db)).toEqual(schema(database(STEPS)));
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 'kept', y: 5 }]);
  });

  test('takes no step where one fails', () => {
    const db = database(STEPS.slice(0, 1));
    const before = schema(db);
    expect(() => migrate(db, [...STEPS, 'CREATE TABLE broken ('])).toThrow('incomplete');
    expect(version(db)).toBe(1);
    expect(schema(db)).toEqual(before);
    expect(db.inTransaction).toBe(false);
  });

  test('refuses a newer version', () => {
    expect(() => migrate(database(STEPS), STEPS.slice(0, 2))).toThrow(StoreError);
  });
});

/** As version 1 kept it. */
const OLD_FINAL = `
  INSERT INTO machine VALUES (1, 'm');
  INSERT INTO toolchain VALUES (1, 'c', 'f');
  INSERT INTO session VALUES (1, 'h', 1, NULL, 't', NULL, 'v', 's', 1);
  INSERT INTO trial VALUES (1, 'p', 'l', 't', 'k', '{}', 'h', 1, 1, 1, 1, 1, 'ok', NULL, 0, '[5]', 5, 0, 1,
    'samples', 't');
  INSERT INTO final VALUES (1, 1, '[2]', 2, 0, 1, 'samples', 't');
  INSERT INTO finalist VALUES (1, 1, '[5]', 5, 0, 1, 'samples');
`;

describe('the schema', () => {
  const versions = MIGRATIONS.map((_, from) => from);

  test.each(versions)('is the same whether it starts from version %i or from nothing', (from) => {
    const db = new Database(':memory:');
    migrate(db, MIGRATIONS.slice(0, from));
    migrate(db);
    expect(schema(db)).toEqual(schema(database(MIGRATIONS)));
    expect(version(db)).toBe(MIGRATIONS.length);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  test('keeps finals of before places were kept, without places', () => {
    const db = database(MIGRATIONS.slice(0, 1));
    db.exec(OLD_FINAL);
    migrate(db);
    expect(db.prepare('SELECT place, median FROM finalist').all()).toEqual([{ place: null, median: 5 }]);
    expect(db.prepare('SELECT retaken, median FROM final').all()).toEqual([{ retaken: null, median: 2 }]);
  });

  test('has only strict tables', () => {
    const tables = database(MIGRATIONS).pragma('table_list') as { name: string; strict: number }[];
    const own = tables.filter(({ name }) => !name.startsWith('sqlite_'));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter(({ strict }) => !strict)).toEqual([]);
  });
});
