import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StoreError } from '../../../tuner/errors.js';
import { openStore } from '../../../tuner/store/store.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN } from '../../support/trials.js';

function refusal(path: string): StoreError {
  try {
    openStore(path).close();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return error as StoreError;
  }
  throw new Error(`${path} was opened`);
}

const isRoot = process.getuid?.() === 0;

describe('openStore', () => {
  test('creates one file, and finds in it what was written', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'trials.db');
    const store = openStore(path);
    expect(store.path).toBe(path);
    store.begin(RUN);
    store.close();
    expect(readdirSync(folder)).toEqual(['trials.db']);
    const again = openStore(path);
    onTestFinished(() => again.close());
    expect(again.sessions()).toMatchObject([RUN]);
  });

  test('takes an empty file for a new one', () => {
    const path = join(temporaryFolder(), 'trials.db');
    writeFileSync(path, '');
    openStore(path).close();
    expect(new Database(path, { readonly: true }).pragma('application_id', { simple: true })).toBe(
      0x4f314454,
    );
  });

  test('can be closed twice, and by several', () => {
    const path = join(temporaryFolder(), 'trials.db');
    const [one, two] = [openStore(path), openStore(path)];
    one.close();
    one.close();
    expect(two.sessions()).toEqual([]);
    two.close();
  });

  test('can be marked as ours before its log is written back', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'trials.db');
    writeFileSync(path, '');
    const store = openStore(path);
    onTestFinished(() => store.close());
    expect(readFileSync(path).readUInt32BE(68)).toBe(0x4f314454);
    openStore(path).close();
  });

  test.each([
    ['a short text', 'not a database'],
    ['a long text', 'x'.repeat(5000)],
    ['the beginning of a database', 'SQLite format 3\0'],
  ])('refuses %s and leaves it as it is', (_, text) => {
    const folder = temporaryFolder();
    const path = join(folder, 'notes.txt');
    writeFileSync(path, text);
    const error = refusal(path);
    expect(error).toMatchObject({ code: 'store-not-a-database', value: path, fault: 'user' });
    expect(error.message).toContain('--db');
    expect(readFileSync(path, 'latin1')).toBe(text);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  test("refuses another program's database and leaves it as it is", () => {
    const folder = temporaryFolder();
    const path = join(folder, 'photos.db');
    const foreign = new Database(path);
    foreign.exec('CREATE TABLE photo (id INTEGER PRIMARY KEY)');
    foreign.close();
    const before = readFileSync(path);
    expect(refusal(path)).toMatchObject({ code: 'store-foreign', value: path, fault: 'user' });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['photos.db']);
  });

  test('refuses a newer schema and leaves it as it is', () => {
    const path = join(temporaryFolder(), 'trials.db');
    openStore(path).close();
    const newer = new Database(path);
    newer.pragma('user_version = 1000');
    newer.close();
    const error = refusal(path);
    expect(error).toMatchObject({ code: 'store-newer', value: path, fault: 'user' });
    expect(error.message).toMatch(/schema 1000.*update oriented1d/);
    expect(new Database(path, { readonly: true }).pragma('user_version', { simple: true })).toBe(1000);
  });

  test('refuses a folder', () => {
    const folder = temporaryFolder();
    expect(refusal(folder)).toMatchObject({ code: 'store-not-a-file', value: folder, fault: 'user' });
  });

  test('refuses a folder that does not exist, and does not make it', () => {
    const folder = join(temporaryFolder(), 'absent');
    const path = join(folder, 'trials.db');
    expect(refusal(path)).toMatchObject({ code: 'store-no-folder', value: path, fault: 'user' });
    expect(existsSync(folder)).toBe(false);
  });

  test('refuses a file in place of its folder', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(refusal(join(file, 'trials.db'))).toMatchObject({ code: 'store-no-folder', fault: 'user' });
  });

  test.runIf(process.platform === 'linux')('refuses a folder where nobody can write', () => {
    expect(refusal('/proc/self/trials.db')).toMatchObject({ code: 'store-unwritable', fault: 'user' });
  });

  test.skipIf(isRoot)('refuses a folder without permission to write, and leaves it empty', () => {
    const folder = join(temporaryFolder(), 'locked');
    mkdirSync(folder, { mode: 0o500 });
    expect(refusal(join(folder, 'trials.db'))).toMatchObject({ code: 'store-unwritable', fault: 'user' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.skipIf(isRoot)('refuses a file without permission to read', () => {
    const path = join(temporaryFolder(), 'trials.db');
    openStore(path).close();
    chmodSync(path, 0);
    expect(refusal(path)).toMatchObject({ code: 'store-unwritable', fault: 'user' });
  });
});
