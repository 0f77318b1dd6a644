import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertWritable, writeAllAside, writeAside } from '../../cli/atomic.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test('writes a new file, and over an old one', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'y.npy');
  await writeAside(file, 'first');
  await writeAside(file, Uint8Array.of(50));
  expect(readFileSync(file, 'latin1')).toBe('2');
  expect(readdirSync(folder)).toEqual(['y.npy']);
});

test('follows a link rather than replacing it', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'real'), 'old');
  symlinkSync('real', join(folder, 'link'));
  await writeAside(join(folder, 'link'), 'new');
  expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new');
});

test('leaves the old file and nothing else behind when the writing fails', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'y.npy');
  writeFileSync(file, 'old');
  async function* broken() {
    yield 'half';
    throw new Error('the disk is full');
  }
  const content = broken() as unknown as string; // fs takes it, too
  await expect(writeAside(file, content)).rejects.toThrow(
    `'${file}': cannot be written: the disk is full; name`,
  );
  expect(readdirSync(folder)).toEqual(['y.npy']);
  expect(readFileSync(file, 'utf8')).toBe('old');
});

test('writes several files, or none of them if one fails', async () => {
  const folder = temporaryFolder();
  const [one, two] = ['one', 'two'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(two, 'old');
  const failing = { path: '/dev/full', content: 'more than fits' };
  for (const files of [
    [{ path: one, content: 'new' }, failing],
    [failing, { path: one, content: 'new' }, { path: two, content: 'new' }],
  ])
    await expect(writeAllAside(files)).rejects.toThrow("'/dev/full': cannot be written: no space left");
  expect(readdirSync(folder)).toEqual(['two']);
  expect(readFileSync(two, 'utf8')).toBe('old');
  await writeAllAside([
    { path: one, content: '1' },
    { path: two, content: '2' },
    { path: '/dev/null', content: '3' },
  ]);
  expect([one, two].map((file) => readFileSync(file, 'utf8'))).toEqual(['1', '2']);
  expect(readdirSync(folder)).toEqual(['one', 'two']);
});

test('writes straight into a pipe, which must not be replaced by a file', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  await new Promise((done) => spawn('mkfifo', [pipe]).once('close', done));
  const reader = spawn('cat', [pipe]);
  const read = reader.stdout.toArray();
  await writeAside(pipe, 'through');
  expect(Buffer.concat(await read).toString()).toBe('through');
});

test('says beforehand what cannot be written', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const refused = (path: string) => expect(assertWritable(path)).rejects;
  await refused(folder).toThrow(`'${folder}': cannot be written: it is a folder; name a file`);
  await refused(join(folder, 'none', 'y')).toThrow('cannot be written: no such file or directory');
  await refused(join(folder, 'file', 'y')).toThrow('cannot be written: not a directory');
  await refused('/proc/y').toThrow('cannot be written: no such file or directory');
  await refused('').toThrow("'': cannot be written: it names no file");
  await refused(join(folder, 'new/')).toThrow('it names no file');
  await expect(assertWritable(join(folder, 'new'))).resolves.toMatchObject({ special: false });
  expect(readdirSync(folder)).toEqual(['file']);
});

test.skipIf(process.getuid?.() === 0)('refuses a folder and a file without permission', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'locked'), { mode: 0o555 });
  writeFileSync(join(folder, 'file'), '');
  chmodSync(join(folder, 'file'), 0o444);
  await expect(assertWritable(join(folder, 'locked', 'y'))).rejects.toThrow('permission denied');
  await expect(assertWritable(join(folder, 'file'))).rejects.toThrow('permission denied');
});
