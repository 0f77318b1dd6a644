import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openStore, openStoreToRead } from '../../../tuner/store/store.js';
import { cli } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN, took, trialKey, trialReport } from '../../support/trials.js';

// Root may write everywhere; a disk that is mounted read-only tells even root so.
const disk = vi.hoisted(() => ({ readOnly: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const accessSync = (path: string, mode = fs.constants.F_OK) => {
    if (disk.readOnly && mode & fs.constants.W_OK) throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
    fs.accessSync(path, mode);
  };
  return { ...fs, accessSync };
});

let folder: string;
let path: string;

beforeEach(() => {
  disk.readOnly = false;
  folder = join(temporaryFolder(), 'results');
  mkdirSync(folder);
  path = join(folder, 'trials.db');
  const store = openStore(path);
  store.begin(RUN).record(trialReport(trialKey(7), took(50)));
  store.close();
});

describe.each([
  ['may be written', false],
  ['may not be written', true],
])('a database that %s', (_, readOnly) => {
  test('is read, and stays as it is', () => {
    const before = readFileSync(path);
    disk.readOnly = readOnly;
    const store = openStoreToRead(path);
    expect(store.path).toBe(path);
    expect(store.trials()).toMatchObject([trialKey(7)]);
    store.close();
    expect(readdirSync(folder)).toEqual(['trials.db']);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('is read with what a tuner that has it open wrote last', () => {
    const tuner = openStore(path);
    onTestFinished(() => tuner.close());
    tuner.begin(RUN).record(trialReport(trialKey(8), took(40)));
    disk.readOnly = readOnly;
    const store = openStoreToRead(path);
    expect(store.trials()).toMatchObject([trialKey(7), trialKey(8)]);
    store.close();
  });

  test('of a newer schema is refused', () => {
    const newer = new Database(path);
    newer.pragma('user_version = 1000');
    newer.close();
    disk.readOnly = readOnly;
    expect(() => openStoreToRead(path)).toThrow(
      expect.objectContaining({ code: 'store-newer', value: path, fault: 'user' }),
    );
  });
});

test('nothing can be written into a database that may not be written', () => {
  disk.readOnly = true;
  const store = openStoreToRead(path);
  expect(() => store.begin(RUN)).toThrow(expect.objectContaining({ code: 'store-unwritable', value: path }));
  store.close();
});

test('an empty file that may not be written is refused: it has no schema yet', () => {
  writeFileSync(path, '');
  disk.readOnly = true;
  expect(() => openStoreToRead(path)).toThrow(
    expect.objectContaining({ code: 'store-older', value: path, fault: 'user' }),
  );
});

test('list and export read a database that may not be written', async () => {
  disk.readOnly = true;
  const list = await cli('library', 'list', '--db', path, '--json');
  expect(JSON.parse(list.stdout).winners).toMatchObject([{ kernel: trialKey(7).kernel }]);
  const file = join(temporaryFolder(), 'trials.json');
  expect(await cli('library', 'export', file, '--db', path)).toMatchObject({ exit: 0 });
});

test.skipIf(process.getuid?.() === 0)('the same, where the system refuses to write', () => {
  chmodSync(path, 0o444);
  chmodSync(folder, 0o555);
  onTestFinished(() => chmodSync(folder, 0o755));
  const store = openStoreToRead(path);
  expect(store.trials()).toMatchObject([trialKey(7)]);
  store.close();
  expect(readdirSync(folder)).toEqual(['trials.db']);
});
