import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { afterEach, expect, test, vi } from 'vitest';
import { openStore, openStoreToRead } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { fill } from '../support/report_store.js';
import { temporaryFolder } from '../support/temporary_folder.js';

afterEach(() => vi.restoreAllMocks());

const LAYER = ['--size', '7x7', '--kernel', '3', '--angles', '0,90', '--channels', '16'];

/** A folder with a database of trials. */
function withTrials(): { readonly folder: string; readonly db: string } {
  const folder = temporaryFolder();
  const db = join(folder, 'trials.db');
  fill(openStore(db)).close();
  return { folder, db };
}

function rowsOf(file: string): number {
  const { document } = new JSDOM(readFileSync(file, 'utf8')).window;
  return [...document.querySelectorAll('.winners tbody tr')].length;
}

test('list writes the page and the table of a database, and says where they are', async () => {
  const { folder, db } = withTrials();
  const [page, table] = [join(folder, 'r.html'), join(folder, 'r.csv')];
  const asked = ['library', 'list', '--db', db, '--report', page, '--csv', table];
  const { exit, stdout, stderr } = await cli(...asked);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout).toContain(`\nthe report is in ${page}\nthe table of winners is in ${table}\n`);
  expect(rowsOf(page)).toBe(6);
  expect(readFileSync(table, 'utf8').split('\r\n')).toHaveLength(1 + 5 + 1);
  expect(readdirSync(folder).toSorted()).toEqual(['r.csv', 'r.html', 'trials.db']);
  const json = JSON.parse((await cli(...asked, '--json')).stdout);
  expect(json).toMatchObject({ report: page, csv: table, winners: expect.any(Array) });
});

test('a report can be made of a database without a trial', async () => {
  const folder = temporaryFolder();
  const [db, page] = [join(folder, 'trials.db'), join(folder, 'r.html')];
  openStore(db).close();
  expect(await cli('library', 'list', '--db', db, '--report', page)).toMatchObject({ exit: 0 });
  expect(readFileSync(page, 'utf8')).toContain('No trial is there yet.');
});

test('the commands of a page are those that repeat its rows', async () => {
  const { folder, db } = withTrials();
  const page = join(folder, 'r.html');
  await cli('library', 'list', '--db', db, '--report', page);
  const { document } = new JSDOM(readFileSync(page, 'utf8')).window;
  const commands = [...document.querySelectorAll('.problem pre code')].map((code) =>
    code.textContent!.trim(),
  );
  const generate = commands.filter((command) => command.startsWith('oriented1d generate '));
  expect(generate).toHaveLength(4);
  for (const command of generate) {
    const words = command.replace('--out kernels', `--out ${folder}`).split(' ').slice(1);
    const { exit, stdout } = await cli(...words);
    expect({ exit, files: stdout.trim().split('\n') }).toMatchObject({ exit: 0 });
    expect(stdout).toContain(words[words.indexOf('--filter') + 1]!);
  }
  const tune = commands.filter((command) => command.startsWith('oriented1d tune '));
  expect(tune).toHaveLength(6);
  expect(tune[0]).toMatch(
    / --target cpu:avx2 --threads 2 --search random --seed 7 --budget 10s --db again\.db$/,
  );
  expect(tune.at(-1)).toMatch(/ --target cuda:sm_90 --search random --seed 7 --budget 10s --db again\.db$/);
});

test.each([
  ['in no folder', () => '/no/such/folder/r.html'],
  ['that is a folder', (folder: string) => folder],
])('a file %s is refused in one line before anything is done', async (_, place) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'sub'));
  const db = join(folder, 'trials.db');
  for (const option of ['--report', '--csv']) {
    const { exit, stdout, stderr } = await cli(
      'tune',
      ...LAYER,
      '--db',
      db,
      option,
      place(join(folder, 'sub')),
    );
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]*cannot be written[^\n]*\n$/);
  }
  expect(existsSync(db)).toBe(false);
});

test('a file is not written over the database, or over the other report', async () => {
  const { folder, db } = withTrials();
  const before = readFileSync(db);
  const file = join(folder, 'r');
  for (const options of [
    ['--report', db],
    ['--csv', db],
    ['--report', file, '--csv', file],
  ]) {
    const { exit, stderr } = await cli('library', 'list', '--db', db, ...options);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^[^\n]*(is the file of another option|two results would go)[^\n]*\n$/);
  }
  expect(readFileSync(db).equals(before)).toBe(true);
  expect(existsSync(file)).toBe(false);
});

test('the other actions of library refuse reports', async () => {
  for (const option of ['--report', '--csv']) {
    const { exit, stderr } = await cli('library', 'verify', option, 'r.html');
    expect(exit).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^[^\n]*'${option}': library writes reports with the action list only[^\n]*\n$`),
    );
  }
});

test('a tuning that is interrupted leaves its report all the same', async () => {
  const { folder, db } = withTrials();
  const page = join(folder, 'r.html');
  const interrupt = vi.spyOn(process, 'on');
  const tuning = cli('tune', ...LAYER, '--threads', '1', '--budget', '10m', '--db', db, '--report', page);
  const before = trialsIn(db);
  await vi.waitUntil(() => trialsIn(db) > before, { timeout: 50_000, interval: 100 });
  const [, handler] = interrupt.mock.calls.find(([event]) => event === 'SIGINT')!;
  handler();
  const { exit, stdout } = await tuning;
  expect(exit).toBe(130);
  expect(stdout).toContain(`the report is in ${page}`);
  expect(rowsOf(page)).toBe(1); // of what was asked for, whatever else the database holds
});

function trialsIn(db: string): number {
  const store = openStoreToRead(db);
  try {
    return store.trials().length;
  } finally {
    store.close();
  }
}
