import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeFolder, tryFolder } from '../../generator/folder.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** Runs once, after the next folder was made: what another process does at that moment. */
const meanwhile = vi.hoisted(() => ({ act: undefined as ((folder: string) => void) | undefined }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const mkdirSync = (path: string) => {
    fs.mkdirSync(path);
    const { act } = meanwhile;
    meanwhile.act = undefined;
    act?.(path);
  };
  return { ...fs, mkdirSync };
});

test('makes a folder and those above it, and is content with what is there', () => {
  const folder = join(temporaryFolder(), 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  expect(readdirSync(folder)).toEqual([]);
});

test('trying leaves nothing behind, whether it would do or not', () => {
  const base = temporaryFolder();
  writeFileSync(join(base, 'file'), '');
  tryFolder(join(base, 'a', 'b', 'c'));
  expect(() => tryFolder(join(base, 'file', 'a'))).toThrow('ENOTDIR');
  expect(() => tryFolder(join(base, 'a', 'b', 'x'.repeat(300)))).toThrow('ENAMETOOLONG');
  expect(readdirSync(base)).toEqual(['file']);
});

test('trying leaves what was there before', () => {
  const base = temporaryFolder();
  mkdirSync(join(base, 'a'));
  tryFolder(join(base, 'a', 'b'));
  tryFolder(join(base, 'a'));
  expect(readdirSync(base)).toEqual(['a']);
});

test('trying does not remove what another process puts there meanwhile', () => {
  const base = temporaryFolder();
  meanwhile.act = (folder) => writeFileSync(join(folder, 'theirs'), '');
  tryFolder(join(base, 'a', 'b'));
  expect(existsSync(join(base, 'a', 'theirs'))).toBe(true);
  expect(readdirSync(join(base, 'a'))).toEqual(['theirs']);
});

test.each([makeFolder, tryFolder])('%o makes again what another process takes away meanwhile', (make) => {
  const folder = join(temporaryFolder(), 'a', 'b');
  meanwhile.act = (made) => rmdirSync(made);
  make(folder);
  expect(existsSync(folder)).toBe(make === makeFolder);
});

test.each(['/proc/nowhere/deep', '/dev/null/deep'])('%s is refused, and soon', (path) => {
  expect(() => makeFolder(path)).toThrow(/ENOENT|ENOTDIR/);
  expect(() => tryFolder(path)).toThrow(/ENOENT|ENOTDIR/);
});
