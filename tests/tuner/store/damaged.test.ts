import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { OrientedError } from '../../../generator/errors.js';
import { StoreError } from '../../../tuner/errors.js';
import { harvest } from '../../../tuner/harvest.js';
import { openStore, openStoreToRead } from '../../../tuner/store/store.js';
import { cli } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN, storeOf, testWorld, timing, took, trialKey, trialReport } from '../../support/trials.js';

let path: string;
let sound: Buffer;

beforeEach(() => {
  path = join(temporaryFolder(), 'trials.db');
  const store = storeOf(path, testWorld(), 1);
  const session = store.begin(RUN);
  for (let tile = 1; tile <= 30; tile++) session.record(trialReport(trialKey(tile), took(50 + tile)));
  session.recordFinal([{ key: trialKey(7), measurement: timing(7) }], timing(10));
  store.close();
  sound = readFileSync(path);
});

/** All that a store can be asked, and a trial more. */
function useAll(open: (path: string) => ReturnType<typeof openStore>): void {
  const store = open(path);
  try {
    store.winners();
    store.finals();
    store.sessions();
    harvest(store, { machine: trialKey(7).machine });
    if (open !== openStore) return;
    const session = store.begin(RUN);
    session.claim(trialKey(99));
    session.record(trialReport(trialKey(99), took(3)));
  } finally {
    store.close();
  }
}

const byte = fc.integer({ min: 0, max: 255 });
const anyDamage = (size: number): fc.Arbitrary<(bytes: Buffer) => Buffer> => {
  const at = fc.integer({ min: 0, max: size - 1 });
  return fc.oneof(
    at.filter((to) => to > 0).map((to) => (bytes: Buffer) => bytes.subarray(0, to)),
    fc.tuple(at, fc.integer({ min: 1, max: 9000 }), byte).map(
      ([from, length, value]) =>
        (bytes: Buffer) =>
          bytes.fill(value, from, Math.min(size, from + length)),
    ),
    fc.array(fc.tuple(at, byte), { minLength: 1, maxLength: 8 }).map((changes) => (bytes: Buffer) => {
      for (const [place, value] of changes) bytes[place] = value;
      return bytes;
    }),
  );
};

test('a database that was cut, overwritten or changed works, or is refused as the user’s', () => {
  fc.assert(
    fc.property(anyDamage(sound.length), (damage) => {
      for (const suffix of ['-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
      writeFileSync(path, damage(Buffer.from(sound)));
      try {
        for (const open of [openStoreToRead, openStore]) useAll(open);
      } catch (error) {
        expect(error).toBeInstanceOf(OrientedError);
        expect(error).toMatchObject({ fault: 'user' });
      }
    }),
    { numRuns: 150, examples: [[(bytes) => bytes.fill(0, 44, 48)], [(bytes) => bytes.fill(9, 44, 48)]] },
  );
});

describe('the command line names the file, what is wrong with it and the way out', () => {
  const line = /^oriented1d: '[^\n]*trials\.db': the database is damaged: [^\n]+; restore it [^\n]*--db\n$/;

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut in the middle', (bytes) => bytes.subarray(0, 20_000)],
    ['of garbage behind its header', (bytes) => bytes.fill(0xff, 100)],
    ['with a page of garbage', (bytes) => bytes.fill(0xa5, 8192, 12_288)],
  ])('of a file %s', async (_, damage) => {
    writeFileSync(path, damage(Buffer.from(sound)));
    for (const args of [['library', 'list'], 'tune --size 9x9 --kernel 3 --angles 0'.split(' ')]) {
      const { exit, stdout, stderr } = await cli(...args, '--db', path);
      expect([exit, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(line);
    }
  });

  test.each(['machine', 'toolchain', 'session', 'trial', 'final', 'finalist', 'claim'])(
    'of a file without the table %s',
    async (table) => {
      const db = new Database(path);
      db.pragma('foreign_keys = OFF');
      db.exec(`DROP TABLE ${table}`);
      db.close();
      const { exit, stderr } = await cli('library', 'list', '--db', path);
      expect(exit).toBe(2);
      expect(stderr).toMatch(line);
      expect(stderr).toMatch(new RegExp(`no such table: (main\\.)?${table};`));
    },
  );

  test('of a file that has our tables and says that it has none', async () => {
    const db = new Database(path);
    db.pragma('user_version = 0');
    db.close();
    const { exit, stderr } = await cli('library', 'list', '--db', path);
    expect(exit).toBe(2);
    expect(stderr).toMatch(line);
  });
});

test('what the disk does is no fault of the user’s', () => {
  const failing = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
  const store = openStore(path);
  expect(() => store.winners({}, () => raise(failing))).toThrow(StoreError);
  expect(() => store.winners({}, () => raise(failing))).toThrow(
    expect.objectContaining({ code: 'store-io', fault: 'system' }),
  );
  store.close();
});

function raise(error: Error): never {
  throw error;
}
