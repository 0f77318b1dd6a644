import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { StoreError } from '../../../tuner/errors.js';
import { openStore } from '../../../tuner/store/store.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const link = vi.hoisted(() => ({ code: '', hook: (_path: string) => {} }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const linkSync = (from: string, to: string) => {
    link.hook(to);
    if (link.code) throw Object.assign(new Error(link.code), { code: link.code, syscall: 'link' });
    fs.linkSync(from, to);
  };
  return { ...fs, linkSync };
});

beforeEach(() => {
  link.code = '';
  link.hook = () => {};
});

test('a file system without hard links is refused, and nothing is left behind', () => {
  const folder = temporaryFolder();
  link.code = 'EPERM';
  expect(() => openStore(join(folder, 'trials.db'))).toThrow(
    expect.objectContaining({ code: 'store-no-links', fault: 'user' }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a disk that is full at the last moment leaves nothing behind', () => {
  const folder = temporaryFolder();
  link.code = 'ENOSPC';
  expect(() => openStore(join(folder, 'trials.db'))).toThrow(StoreError);
  expect(() => openStore(join(folder, 'trials.db'))).toThrow(
    expect.objectContaining({ code: 'store-full', fault: 'system' }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a store that appears while another is built is the one that is opened', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'trials.db');
  link.hook = () => {
    link.hook = () => {};
    const first = openStore(path);
    first.begin({ version: '1', search: 'exhaustive', seed: 1 });
    first.close();
  };
  const second = openStore(path);
  expect(second.sessions()).toHaveLength(1);
  second.close();
  expect(readdirSync(folder)).toEqual(['trials.db']);
});

test('what appears in the meantime is not overwritten', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'trials.db');
  link.hook = () => writeFileSync(path, 'something else altogether');
  expect(() => openStore(path)).toThrow(StoreError);
  expect(readdirSync(folder)).toEqual(['trials.db']);
});

test('a log that other openers keep from being set up is no reason to give up', () => {
  const path = join(temporaryFolder(), 'trials.db');
  const pragma = Database.prototype.pragma;
  const spy = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (
    this: Database.Database,
    source,
    options,
  ) {
    if (source.startsWith('journal_mode')) throw new Database.SqliteError('locked', 'SQLITE_BUSY');
    return pragma.call(this, source, options);
  });
  onTestFinished(() => spy.mockRestore());
  const store = openStore(path);
  store.begin({ version: '1', search: 'exhaustive', seed: 1 });
  store.close();
  spy.mockRestore();
  expect(journal(path)).toBe('delete');
  openStore(path).close();
  expect(journal(path)).toBe('wal');
});

function journal(path: string): unknown {
  const db = new Database(path);
  try {
    return db.pragma('journal_mode', { simple: true });
  } finally {
    db.close();
  }
}
