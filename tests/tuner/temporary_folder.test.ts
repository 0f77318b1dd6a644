import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder as tunersFolder } from '../../tuner/temporary_folder.js';
import { temporaryFolder } from '../support/temporary_folder.js';

let parent: string;
beforeEach(() => {
  parent = temporaryFolder();
  vi.stubEnv('TMPDIR', parent);
});
afterEach(() => vi.unstubAllEnvs());

const HOUR = 3600; // s
const dead = () => spawnSync(process.execPath, ['--version']).pid;
const name = (pid: number, host = hostname()) => `oriented1d-tune-${pid}-${host}-aB3xYz`;

/** A folder with a binary in it, last written to so many seconds ago. */
function folder(called: string, age: number): string {
  const path = join(parent, called);
  mkdirSync(path);
  writeFileSync(join(path, 'kernel.so'), '');
  const then = Date.now() / 1000 - age;
  utimesSync(path, then, then);
  return path;
}

test('a new folder says whose it is, and goes with all that is in it', async () => {
  const { path, remove } = await tunersFolder();
  expect(readdirSync(parent)).toEqual([basename(path)]);
  expect(basename(path)).toContain(`-${process.pid}-${hostname()}-`);
  writeFileSync(join(path, 'kernel.so'), '');
  await remove();
  expect(readdirSync(parent)).toEqual([]);
});

test('a process that ends takes its folder with it', async () => {
  const { path } = await tunersFolder();
  writeFileSync(join(path, 'kernel.so'), '');
  process.emit('exit', 0);
  expect(existsSync(path)).toBe(false);
});

test('what a killed process left is removed', async () => {
  const left = folder(name(dead()), 61);
  await tunersFolder();
  expect(existsSync(left)).toBe(false);
});

test.each<[string, () => string, number]>([
  ['a living process', () => name(process.pid), HOUR],
  ['another host', () => name(dead(), 'elsewhere'), HOUR],
  ['somebody else', () => 'oriented1d-aB3xYz', HOUR],
  ['somebody else, with a number', () => `oriented1d-tune-${dead()}`, HOUR],
  ['what writes to it, seen or not', () => name(dead()), 1],
])('a folder of %s stays', async (_, called, age) => {
  const path = folder(called(), age);
  await tunersFolder();
  expect(readdirSync(path)).toEqual(['kernel.so']);
});

test('a folder of another living process stays', async () => {
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill('SIGKILL'));
  const path = folder(name(other.pid!), HOUR);
  await tunersFolder();
  expect(existsSync(path)).toBe(true);
});

test.each([
  ['absent', 'no such file or directory'],
  ['file', 'not a directory'],
])('where none can be made, as in %s, that is said in words', async (name, reason) => {
  writeFileSync(join(parent, 'file'), '');
  vi.stubEnv('TMPDIR', join(parent, name));
  await expect(tunersFolder()).rejects.toMatchObject({
    code: 'no-temporary-folder',
    fault: 'user',
    message: `'${join(parent, name)}': kernels are built in a folder of temporary files, and none can be made there: ${reason}; set TMPDIR to a folder of yours`,
  });
});
