import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../generator/hash.js';
import { packagePath } from '../../generator/package.js';
import { cached, cacheFolder } from '../../runtime/cache.js';
import { temporaryFolder } from '../support/temporary_folder.js';

describe('cacheFolder', () => {
  it('is what ORIENTED1D_CACHE says, else in XDG_CACHE_HOME, else in the home folder', () => {
    expect(cacheFolder({ ORIENTED1D_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheFolder({ ORIENTED1D_CACHE: '', XDG_CACHE_HOME: '/b' })).toBe('/b/oriented1d');
    expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'oriented1d'));
  });

  it('is absolute, since a loader looks for bare names elsewhere', () => {
    expect(cacheFolder({ ORIENTED1D_CACHE: 'a' })).toBe(join(process.cwd(), 'a'));
  });

  it('is none of the user in tests, nor in the processes that they start', () => {
    const own = packagePath('node_modules', '.cache', 'oriented1d');
    expect(cacheFolder()).toBe(own);
    const print = ['-p', 'process.env.ORIENTED1D_CACHE'];
    expect(execFileSync(process.execPath, print, { encoding: 'utf8' }).trim()).toBe(own);
  });
});

const BYTES = 'the bytes of a kernel';

/** A cache, and how often its one file was made. */
function cache() {
  const folder = temporaryFolder();
  const make = vi.fn((aside: string) => writeFile(aside, BYTES));
  const get = () => cached({ name: 'kernel', extension: 'so', key: [1], folder }, make);
  return { folder, get, make };
}

describe('a cached file', () => {
  it('is made once, and has its SHA-256 beside it as sha256sum writes it', async () => {
    const { folder, get, make } = cache();
    const path = await get();
    expect(await get()).toBe(path);
    expect(make).toHaveBeenCalledTimes(1);
    expect(readdirSync(folder).sort()).toEqual([basename(path), `${basename(path)}.sha256`]);
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(`${sha256(BYTES)}  ${basename(path)}\n`);
  });

  it.each<[string, (path: string) => void]>([
    ['was cut', (path) => truncateSync(path, 7)],
    ['was emptied', (path) => truncateSync(path, 0)],
    ['was changed without another size', (path) => writeFileSync(path, BYTES.replace('k', 'x'))],
    ['is gone', (path) => rmSync(path)],
    ['has lost its sum', (path) => rmSync(`${path}.sha256`)],
    ['has the sum of another', (path) => writeFileSync(`${path}.sha256`, `${sha256('x')}  x\n`)],
  ])('that %s before this process looks at it is made anew, once', async (_, damage) => {
    const { get, make } = cache();
    const path = await get();
    damage(path);
    expect(await get()).toBe(path);
    expect(await get()).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(BYTES);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('is looked at again when it was changed since', async () => {
    const { get, make } = cache();
    const path = await get();
    await get();
    truncateSync(path, 7);
    await get();
    expect(readFileSync(path, 'utf8')).toBe(BYTES);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('that could not be made leaves nothing behind', async () => {
    const { folder } = cache();
    const broken = cached({ name: 'kernel', extension: 'so', key: [1], folder }, async (aside) => {
      writeFileSync(aside, 'half');
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'that is whole is used from a cache that cannot be written',
    async () => {
      const { folder, get } = cache();
      const path = await get();
      chmodSync(folder, 0o555);
      expect(await get()).toBe(path);
      chmodSync(folder, 0o755);
    },
  );
});

describe('a cache that is written', () => {
  it('is rid of what killed processes left more than an hour ago, and of nothing else', async () => {
    const { folder, get } = cache();
    const left = 'kernel-0123456789abcdef01234567.so.01234567-89ab-4cde-8f01-23456789abcd';
    const hour = 3600;
    const put = (name: string, age: number) => {
      const path = join(folder, name);
      writeFileSync(path, 'half');
      const then = Date.now() / 1000 - age;
      utimesSync(path, then, then);
    };
    put(left, hour + 60);
    put(`${left}.sha256`, hour + 60);
    put(left.replace('.0', '.1'), hour - 60); // a compiler may still be at it
    put('another-0123456789abcdef01234567.so', 9 * hour);
    put('notes.txt', 9 * hour);
    const path = await get();
    const mine = [basename(path), `${basename(path)}.sha256`];
    expect(readdirSync(folder).sort()).toEqual(
      ['another-0123456789abcdef01234567.so', left.replace('.0', '.1'), 'notes.txt', ...mine].sort(),
    );
  });
});
