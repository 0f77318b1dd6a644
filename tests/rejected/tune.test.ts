import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { cli } from '../support/cli.js';
import { oriented1d } from '../support/process.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER = '--size 9x9 --kernel 3 --angles 0,90 --channels 16'.split(' ');

function without(flag: string): string[] {
  const at = LAYER.indexOf(flag);
  return LAYER.toSpliced(at, 2);
}

function change(flag: string, value: string): string[] {
  return [...without(flag), flag, value];
}

/** Arguments of tune, and what the one line on stderr must name. */
const CASES: readonly (readonly [what: string, args: readonly string[], line: RegExp])[] = [
  ['an even K', change('--kernel', '30'), /30: .*must be odd.*use 29 or 31/],
  ['K = 0', change('--kernel', '0'), /0: .*odd whole number from 1.*--kernel 31/],
  ['size 0', change('--size', '0x9'), /0: height must be a whole number from 1/],
  ['a malformed size', change('--size', '9'), /'9': a size is HxW.*56x56/],
  ['NaN in an angle', change('--angles', '0,NaN'), /'0,NaN': angles are finite.*0,45,90,135/],
  ['an unknown preset', ['table6'], /'table6': a preset is one of table5/],
  ['no problem', [], /a preset or a problem.*--size/],
  ['half a problem', without('--kernel'), /--kernel.*a problem needs --size, --kernel and --angles/],
  ['a budget without a number', [...LAYER, '--budget', 'soon'], /'soon': a time is a number.*60s/],
  ['an unknown search', [...LAYER, '--search', 'oracle'], /oracle.*exhaustive, random/],
  ['an unknown target', [...LAYER, '--target', 'tpu'], /'tpu': a target is cpu/],
  ['no threads', [...LAYER, '--threads', '0'], /'0': the number of threads must be a whole number from 1/],
  ['an unknown option', [...LAYER, '--fast'], /--fast/],
  ['an unwritable database', [...LAYER, '--db', '/proc/nowhere/trials.db'], /\/proc\/nowhere\/trials\.db/],
];

describe('tune refuses', () => {
  it.each(CASES)('%s', async (_, args, line) => {
    const folder = temporaryFolder();
    const db = args.includes('--db') ? [] : ['--db', join(folder, 'trials.db')];
    const { exit, stdout, stderr } = await cli('tune', ...args, ...db);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a database of another program, and leaves it alone', async () => {
    const db = join(temporaryFolder(), 'other.db');
    const other = new Database(db);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    const { exit, stderr } = await cli('tune', ...LAYER, '--db', db);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^[^\n]*other\.db[^\n]*--db[^\n]*\n$/);
    expect(new Database(db).prepare('SELECT name FROM sqlite_master').pluck().all()).toEqual(['notes']);
  });

  it('a file that is no database', async () => {
    const db = join(temporaryFolder(), 'text.db');
    writeFileSync(db, 'not a database, but a text that is longer than a header '.repeat(10));
    const { exit, stderr } = await cli('tune', ...LAYER, '--db', db);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^[^\n]*text\.db[^\n]*\n$/);
  });

  it('to work without a compiler, and says how to get one', async () => {
    const folder = temporaryFolder();
    const env = { PATH: folder, CXX: '' };
    const { code, stderr } = await oriented1d(['tune', ...LAYER, '--db', join(folder, 'trials.db')], env);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^[^\n]*none of \$CXX, g\+\+, c\+\+ and clang\+\+ runs[^\n]*apt-get install g\+\+[^\n]*\n$/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['/proc/nowhere/kernels', '/dev/null/kernels'])(
    'to publish into %s, before it tunes',
    async (out) => {
      const folder = temporaryFolder();
      const { exit, stderr } = await cli('tune', ...LAYER, '--db', join(folder, 'trials.db'), '--out', out);
      expect(exit).toBe(2);
      expect(stderr).toMatch(/^[^\n]*(\/proc\/nowhere|\/dev\/null)[^\n]*\n$/);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('library refuses', () => {
  it.each([
    ['an unknown action', ['fetch'], /'fetch': library does one of/],
    ['to publish nowhere', ['publish'], /needs --out DIR/],
    ['to export nowhere', ['export'], /needs a file/],
    [
      'to import what is not there',
      ['import', '/nowhere/trials.json'],
      /\/nowhere\/trials\.json.*cannot be read/,
    ],
    ['to import another file', ['import', 'package.json'], /package\.json.*not an export of trials/],
    [
      'to verify a folder that is no library',
      ['verify', 'tests'],
      /'tests': a kernel library is a folder with a library\.json/,
    ],
    ['to publish without winners', ['publish', '--out', 'x'], /holds no winner of this machine.*tune first/],
  ])('%s', async (_, args, line) => {
    const { exit, stdout, stderr } = await cli(
      'library',
      ...args,
      '--db',
      join(temporaryFolder(), 'trials.db'),
    );
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
  });
});

describe('generate refuses', () => {
  it.each([
    ['to do nothing', LAYER, /--out DIR or --list/],
    [
      'CUDA, so far',
      [...LAYER, '--target', 'cuda', '--list'],
      /'cuda': generating for CUDA is not built yet/,
    ],
    ['an unwritable folder', [...LAYER, '--out', '/proc/nowhere'], /'\/proc\/nowhere'/],
    ['a file for a folder', [...LAYER, '--out', '/dev/null'], /'\/dev\/null'/],
  ])('%s', async (_, args, line) => {
    const { exit, stdout, stderr } = await cli('generate', ...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
  });
});
