import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { StoreError } from '../../../tuner/errors.js';
import { openStore } from '../../../tuner/store/store.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const link = vi.hoisted(() => ({ code: '', hook: (_path: string) => {} }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const linkSync = (from: string, to: string) => {
    link.hook(to);
    if (link.code) throw Object.assign(new Error(link.code), { code: link.code, syscall: 'link' });
    fs.linkSync(from, to);
  };
  return { ...fs, linkSync };
});

beforeEach(() => {
  link.code = '';
  link.hook = () => {};
});

test('a file system without hard links is refused, and nothing is left behind', () => {
  const folder = temporaryFolder();
  link.code = 'EPERM';
  expect(() => openStore(join(folder, 'trials.db'))).toThrow(
    expect.objectContaining({ code: 'store-no-links', fault: 'user' }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a disk that is full at the last moment leaves nothing behind', () => {
  const folder = temporaryFolder();
  link.code = 'ENOSPC';
  expect(() => openStore(join(folder, 'trials.db'))).toThrow(StoreError);
  expect(() => openStore(join(folder, 'trials.db'))).toThrow(
    expect.objectContaining({ code: 'store-full', fault: 'system' }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a store that appears while another is built is the one that is opened', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'trials.db');
  link.hook = () => {
    link.hook = () => {};
    const first = openStore(path);
    first.begin({ version: '1', search: 'exhaustive', seed: 1 });
    first.close();
  };
  const second = openStore(path);
  expect(second.sessions()).toHaveLength(1);
  second.close();
  expect(readdirSync(folder)).toEqual(['trials.db']);
});

test('what appears in the meantime is not overwritten', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'trials.db');
  link.hook = () => writeFileSync(path, 'something else altogether');
  expect(() => openStore(path)).toThrow(StoreError);
  expect(readdirSync(folder)).toEqual(['trials.db']);
});
