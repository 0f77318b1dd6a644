import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { changed } from '../support/flags.js';
import { oriented1d } from '../support/process.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER = '--size 9x9 --kernel 3 --angles 0,90 --channels 16'.split(' ');

function without(flag: string): readonly string[] {
  const at = LAYER.indexOf(flag);
  return LAYER.toSpliced(at, 2);
}

const change = (...options: readonly string[]) => changed(LAYER, options);

/** 40 angles whose spacing has no short name. */
const UNEVEN = Array.from({ length: 40 }, (_, i) => Math.PI * i * i).join(',');

/** Arguments of tune, and what the one line on stderr must name. */
const CASES: readonly (readonly [what: string, args: readonly string[], line: RegExp])[] = [
  ['an even K', change('--kernel', '30'), /30: .*must be odd.*use 29 or 31/],
  ['K = 0', change('--kernel', '0'), /0: .*odd whole number from 1.*use for example 31/],
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
  [
    'what no kernel computes',
    change('--op', 'wgrad', '--dtype', 'f16'),
    /'wgrad_nhwc_f16_\w+': .*rule kind .*; ask for --dtype f32/,
  ],
  ['16-bit types', change('--dtype', 'bf16'), /'fprop_nhwc_bf16_\w+': .*rule kind .*; ask for --dtype f32/],
  [
    'a plane whose rows no cache holds',
    change('--size', '40000x40000', '--kernel', '31'),
    /'fprop_\w+40000x40000\w+': no kernel on cpu:\w+ is legal \(rule slab of cpp_sheared: \d+ bytes.*; change what the rule/,
  ],
  [
    'a name that is too long',
    change('--angles', UNEVEN, '--channels', '40'),
    /rule name-length .*a name of \d+ characters is longer than 200.*; give fewer --angles/,
  ],
  [
    'more tensors than memory',
    change('--batch', '2000000000'),
    /_n2000000000': the tensors .* GiB, more than .*; use --batch \d+/,
  ],
  [
    'more angles than channels',
    change('--channels', '1'),
    /'0,90': 2 angles .* 1 channel cannot hold them all/,
  ],
  [
    'options of a problem with a preset',
    ['table5', '--channels', '64'],
    /'--channels': a preset has its own problems.*leave --channels out/,
  ],
  ['a repeated option', [...LAYER, '--kernel', '5'], /'--kernel': the option was given more than once/],
  ['an empty folder', [...LAYER, '--out', ''], /'': --out must not be empty/],
  ['an empty preset', [''], /'': an argument must not be empty/],
  ['an empty database', [...LAYER, '--db', ''], /'': --db must not be empty/],
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

describe('what publishing would refuse', () => {
  const tune = (db: string, out: string) => cli('tune', ...LAYER, '--db', db, '--out', out, '--budget', '1s');

  it('tune refuses before it tunes: a folder with files of somebody else', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out', 'thesis.tex'), 'mine');
    const { exit, stdout, stderr } = await tune(join(folder, 'trials.db'), join(folder, 'out'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]*holds thesis\.tex, which publishing did not write[^\n]*\n$/);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('tune refuses before it tunes: the folder that it works in', async () => {
    const { exit, stdout, stderr } = await tune(join(temporaryFolder(), 'trials.db'), '.');
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]*the one that this process works in[^\n]*\n$/);
  });

  it('tune refuses before it tunes: a folder that holds the database', async () => {
    const folder = temporaryFolder();
    const { exit, stdout, stderr } = await tune(join(folder, 'out', 'trials.db'), join(folder, 'out'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]*trials\.db': [^\n]*the database lies in [^\n]*--db[^\n]*\n$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('demo refuses before it tunes', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'library'));
    writeFileSync(join(folder, 'library', 'thesis.tex'), 'mine');
    const { exit, stdout, stderr } = await cli('demo', '--out', folder, '--budget', '1s');
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]*holds thesis\.tex[^\n]*\n$/);
    expect(readdirSync(folder)).toEqual(['library']);
  });
});

describe('bench refuses', () => {
  it.each([
    ['an unknown bench', ['models2'], /'models2': what is benched is one of layers/],
    [
      'a file that cannot be written, before it tunes',
      ['layers', '--save', '/proc/x.json'],
      /'\/proc\/x\.json'/,
    ],
    [
      'to write over what it prints',
      ['layers', '--save', '/dev/stdout'],
      /'\/dev\/stdout': is the standard output/,
    ],
    [
      'a batch that memory does not hold',
      ['layers', '--batch', '2000000000'],
      /GiB, more than .*; use --batch \d+/,
    ],
    ['to save nowhere', ['layers', '--save', ''], /'': --save must not be empty/],
    [
      'an unknown operation',
      ['layers', '--op', 'pool'],
      /argument 'pool' is invalid. Allowed choices are fprop, dgrad, wgrad, backward/,
    ],
    [
      'a batch of gradients that memory does not hold',
      ['layers', '--op', 'backward', '--batch', '2000000000'],
      /'backward_\w+': the tensors .* GiB, more than .*; use --batch \d+/,
    ],
    [
      'options that describe a layer beside a preset and an operation',
      ['layers', 'table5', '--op', 'wgrad', '--layout', 'nchw'],
      /'--layout': a preset has its own problems.* but --batch and --op/,
    ],
  ])('%s', async (_, args, line) => {
    const folder = temporaryFolder();
    const { exit, stdout, stderr } = await cli('bench', ...args, '--db', join(folder, 'trials.db'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('library refuses', () => {
  it.each([
    ['an unknown action', ['fetch'], /'fetch': library does one of list, verify, publish/],
    ['a name that every object has', ['constructor'], /'constructor': library does one of/],
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
  ])('%s', async (_, args, line) => {
    const folder = temporaryFolder();
    const { exit, stdout, stderr } = await cli('library', ...args, '--db', join(folder, 'trials.db'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
  });
});

it.each([['list'], ['export', '/dev/null'], ['publish', '--out', 'x']])(
  'library %s refuses a database that is not there, and makes none',
  async (...args) => {
    const folder = temporaryFolder();
    const { exit, stdout, stderr } = await cli('library', ...args, '--db', join(folder, 'trials.db'));
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]*trials\.db': there is no such database[^\n]*--db[^\n]*tune[^\n]*\n$/);
    expect(readdirSync(folder)).toEqual([]);
  },
);

it('library refuses to publish without winners', async () => {
  const folder = temporaryFolder();
  const db = join(folder, 'trials.db');
  openStore(db).close();
  const { exit, stderr } = await cli('library', 'publish', '--out', join(folder, 'out'), '--db', db);
  expect(exit).toBe(2);
  expect(stderr).toMatch(/^[^\n]*holds no winner of this machine[^\n]*tune first[^\n]*\n$/);
  expect(readdirSync(folder)).toEqual(['trials.db']);
});

describe('generate refuses', () => {
  it.each([
    ['to do nothing', LAYER, /--out DIR or --list/],
    ['an unwritable folder', [...LAYER, '--out', '/proc/nowhere'], /'\/proc\/nowhere'/],
    ['a file for a folder', [...LAYER, '--out', '/dev/null'], /'\/dev\/null'/],
    [
      'what no kernel computes',
      [...LAYER, '--op', 'backward', '--dtype', 'bf16', '--out', '/dev/null'],
      /'backward_\w+': no kernel on cpu:\w+ is legal \(rule kind of cpp_sheared_grad: .*; ask for --dtype f32/,
    ],
    [
      'a problem beside a preset',
      ['table5', ...LAYER, '--out', '/dev/null'],
      /'--size': a preset has its own problems/,
    ],
    [
      'what only the general kernel computes',
      [...change('--size', '40000x40000'), '--op', 'wgrad', '--out', '/dev/null'],
      /'wgrad_\w+': no kernel .*, or do without tuning: the general kernel can do this problem/,
    ],
    [
      'what only the general kernels compute, one after the other',
      [...change('--size', '40000x40000'), '--op', 'backward', '--out', '/dev/null'],
      /'backward_\w+': no kernel .*, or do without tuning: the general kernels can do this problem/,
    ],
    [
      'a filter that no name matches',
      [...LAYER, '--filter', '*_t9999_*', '--out', '/dev/null'],
      /'\*_t9999_\*': no kernel .* matches the filter; refused: \d+ by .*--list/,
    ],
    ['an empty filter', [...LAYER, '--list', '--filter', ''], /'': is no pattern of names: .*'\*_t14_\*'/],
    ['too long a filter', [...LAYER, '--list', '--filter', '*'.repeat(1e5)], /: is no pattern of names: /],
    ['an empty folder', [...LAYER, '--out', ''], /'': --out must not be empty/],
  ])('%s', async (_, args, line) => {
    const { exit, stdout, stderr } = await cli('generate', ...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
  });
});
