import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { filesBelow, recoverFolder, replaceFolder } from '../../../generator/library/replace.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

// Calls that change the disk burn the fuse down. The one that finds it burnt fails, and so do all after it, as on a full
// disk or (since nothing is cleaned up either) after a crash; or it alone, as where one file is refused.
const fuse = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, alone: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fused = <A extends unknown[], R>(real: (...args: A) => R) =>
    ((...args: A) => {
      fuse.left--;
      if (fuse.alone ? fuse.left === -1 : fuse.left < 0)
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return real(...args);
    }) as (...args: A) => R;
  const { chmodSync, cpSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } = fs;
  const calls = { chmodSync, cpSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync };
  // biome-ignore lint/suspicious/noExplicitAny: the wrapped functions keep their types as members of node:fs
  return { ...fs, ...Object.fromEntries(Object.entries(calls).map(([name, f]) => [name, fused(f as any)])) };
});

const OLD = { 'a.txt': 'old a', 'b/c.txt': 'old c', 'kept/by.txt': 'kept' };
const NEW = { 'a.txt': 'new a', 'd/e.txt': 'new e', 'kept/by.txt': 'kept' };
const written = new Map([
  ['a.txt', NEW['a.txt']],
  ['d/e.txt', NEW['d/e.txt']],
]);

test.each([
  ['from some step on everything', false],
  ['one step alone', true],
])('when %s fails, all of the old files are there or all of the new ones', (_, alone) => {
  const outcomes = new Set<string>();
  for (let step = 0, burnt = true; burnt; step++) {
    const folder = oldFolder();
    Object.assign(fuse, { left: step, alone });
    const failed = fails(() => replaceFolder(folder, written, ['kept/by.txt']));
    burnt = fuse.left < 0;
    fuse.left = Number.POSITIVE_INFINITY;
    if (!alone) recoverFolder(folder);
    const found = read(folder);
    expect([OLD, NEW]).toContainEqual(found);
    outcomes.add(failed ? (found['a.txt'] === OLD['a.txt'] ? 'old' : 'new') : 'done');
  }
  expect([...outcomes].sort()).toEqual(['done', 'new', 'old']);
});

function oldFolder(): string {
  const folder = join(temporaryFolder(), 'library');
  for (const [path, text] of Object.entries(OLD)) {
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

function fails(action: () => void): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}
