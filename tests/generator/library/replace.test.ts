import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  filesBelow,
  isWorkingFolder,
  leftBehind,
  recoverFolder,
  replaceFolder,
  stagedName,
} from '../../../generator/library/replace.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const OLD = { 'a.txt': 'old a', 'b/c.txt': 'old c' };
const NEW = { 'a.txt': 'new a', 'd/e.txt': 'new e' };

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder(), 'library');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function read(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

const neighbours = (folder: string) => readdirSync(dirname(folder));
const map = (files: Readonly<Record<string, string>>) => new Map(Object.entries(files));

describe('replaceFolder', () => {
  test('makes a folder that is not there', () => {
    const folder = join(temporaryFolder(), 'library');
    replaceFolder(folder, map(NEW), []);
    expect(read(folder)).toEqual(NEW);
    expect(neighbours(folder)).toEqual(['library']);
  });

  test('leaves the new files and the kept ones, and nothing beside the folder', () => {
    const folder = folderWith({ ...OLD, 'b/kept.txt': 'kept' });
    replaceFolder(folder, map(NEW), ['b/kept.txt']);
    expect(read(folder)).toEqual({ ...NEW, 'b/kept.txt': 'kept' });
    expect(neighbours(folder)).toEqual(['library']);
  });

  test('keeps a link as a link, and the folder its mode', () => {
    const folder = folderWith(OLD);
    symlinkSync('nowhere', join(folder, 'link'));
    chmodSync(folder, 0o750);
    replaceFolder(folder, map(NEW), ['link']);
    expect(readlinkSync(join(folder, 'link'))).toBe('nowhere');
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });

  test('does not write through a second name of an old file', () => {
    const folder = folderWith(OLD);
    const other = join(dirname(folder), 'other.txt');
    linkSync(join(folder, 'a.txt'), other);
    replaceFolder(folder, map(NEW), []);
    expect(readFileSync(other, 'utf8')).toBe(OLD['a.txt']);
  });

  test('leaves the old files when writing fails half-way', () => {
    const folder = folderWith(OLD);
    // A file cannot be a folder too: the second write fails after the first one succeeded.
    expect(() => replaceFolder(folder, map({ ...NEW, 'a.txt/x': '' }), [])).toThrow();
    expect(read(folder)).toEqual(OLD);
    expect(neighbours(folder)).toEqual(['library']);
  });

  test('leaves the old files when one to be kept is gone', () => {
    const folder = folderWith(OLD);
    expect(() => replaceFolder(folder, map(NEW), ['gone.txt'])).toThrow();
    expect(read(folder)).toEqual(OLD);
  });
});

describe('recoverFolder', () => {
  test('puts the old folder back after a crash between the renames', () => {
    const folder = folderWith(OLD);
    const old = join(dirname(folder), '.library.old');
    renameSync(folder, old);
    expect(leftBehind(folder)).toBe(old);
    recoverFolder(folder);
    expect(read(folder)).toEqual(OLD);
    expect(neighbours(folder)).toEqual(['library']);
  });

  test('clears the old folder away after a crash behind the renames', () => {
    const folder = folderWith(NEW);
    mkdirSync(join(dirname(folder), '.library.old'));
    recoverFolder(folder);
    expect(read(folder)).toEqual(NEW);
    expect(neighbours(folder)).toEqual(['library']);
  });
});

describe('what a crash left half-written', () => {
  const left = (name: string, age: number) => {
    const folder = folderWith(OLD);
    const path = join(dirname(folder), name);
    mkdirSync(path);
    const then = Date.now() / 1000 - age;
    utimesSync(path, then, then);
    return { folder, path };
  };
  const dead = () => spawnSync(process.execPath, ['--version']).pid;

  test.each<[string, () => string, number]>([
    ['a process that is dead', () => `.library.new-${dead()}-1f`, 0],
    ['a process that cannot be told, an hour ago', () => '.library.new-1f', 3601],
    ['a number that has gone to another process, an hour ago', () => `.library.new-${process.pid}-1f`, 3601],
  ])('is cleared away if it is of %s', (_, name, age) => {
    const { folder } = left(name(), age);
    recoverFolder(folder);
    expect(neighbours(folder)).toEqual(['library']);
  });

  test.each<[string, () => string, number]>([
    ['a process that lives', () => `.library.new-${process.pid}-1f`, 0],
    ['a process that cannot be told', () => '.library.new-1f', 0],
    ['another folder', () => `.library2.new-${dead()}-1f`, 3601],
  ])('stays if it is of %s', (_, name, age) => {
    const { folder, path } = left(name(), age);
    recoverFolder(folder);
    expect(neighbours(folder).sort()).toEqual([basename(path), 'library']);
  });

  test('says whose it is', () => {
    expect(stagedName('/a/library')).toMatch(new RegExp(`^/a/\\.library\\.new-${process.pid}-`));
  });
});

test('filesBelow does not follow links', () => {
  const folder = folderWith(OLD);
  symlinkSync('..', join(folder, 'up'));
  expect(filesBelow(folder)).toEqual(['a.txt', 'b/c.txt', 'up']);
});

test('the working folder is the process’s own or one above it', () => {
  expect(isWorkingFolder(process.cwd())).toBe(true);
  expect(isWorkingFolder(dirname(process.cwd()))).toBe(true);
  expect(isWorkingFolder(join(process.cwd(), 'generated'))).toBe(false);
  expect(isWorkingFolder(`${process.cwd()}x`)).toBe(false);
});
