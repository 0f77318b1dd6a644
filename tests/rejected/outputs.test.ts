import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

// What a command reads, or keeps its trials in, is not written over.

let folder: string;
let db: string;
const at = (file: string) => join(folder, file);
const PROBLEMS = JSON.stringify([{ height: 5, width: 5, kernel: 3, angles: [0], channels: 4 }]);

beforeEach(() => {
  folder = temporaryFolder();
  db = at('trials.db');
  openStore(db).close();
  writeFileSync(at('problems.json'), PROBLEMS);
});

async function refused(rule: RegExp, kept: string, ...args: string[]): Promise<void> {
  const before = readFileSync(kept);
  const { exit, stderr } = await cli(...args);
  expect(stderr).toMatch(rule);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(exit).toBe(2);
  expect(readFileSync(kept).equals(before)).toBe(true);
}

const TAKEN = /is the file of another option or argument, and would be written over/;

test('export spares its database, and any other', async () => {
  const other = at('other.db');
  openStore(other).close();
  await refused(TAKEN, db, 'library', 'export', db, '--db', db);
  await refused(/is a database, which would be lost/, other, 'library', 'export', other, '--db', db);
});

test('tune spares its problems, and the library that it writes', async () => {
  const problems = at('problems.json');
  for (const option of ['--report', '--csv'])
    await refused(TAKEN, problems, 'tune', problems, '--db', db, option, problems);
  const out = at('library');
  const inside = join(out, 'library.json');
  const rule = /a library is replaced as a whole folder/;
  await refused(rule, problems, 'tune', problems, '--db', db, '--out', out, '--report', inside);
  expect(existsSync(out)).toBe(false);
});

test('bench spares its database', async () => {
  const layer = ['--size', '5x5', '--channels', '4', '--kernels', '3', '--batch', '1'];
  await refused(TAKEN, db, 'bench', 'layers', ...layer, '--db', db, '--save', db);
});

test('filter spares the photograph', async () => {
  const photograph = at('photograph.png');
  writeFileSync(photograph, 'a picture');
  await refused(TAKEN, photograph, 'filter', photograph, '--kernel', '7', '--out', photograph);
});

test('conv spares the weights', async () => {
  const [x, w] = [at('x.npy'), at('w.npy')];
  for (const file of [x, w]) writeFileSync(file, 'an array');
  await refused(TAKEN, w, 'conv', '--input', x, '--weight', w, '--angle', '0', '--output', w);
  const backward = ['conv', '--op', 'backward', '--input', x, '--grad', x, '--weight', w, '--angle', '0'];
  await refused(TAKEN, w, ...backward, '--output', at('dx.npy'), '--weight-output', w);
});
