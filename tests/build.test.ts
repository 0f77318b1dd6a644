import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagePath } from '../generator/package.js';
import { temporaryFolder } from './support/temporary_folder.js';

/** A package of one module, with what an earlier build has left in dist/. */
function packageOf(module: string): string {
  const folder = temporaryFolder();
  for (const file of ['build.mjs', 'tsconfig.json', 'tsconfig.build.json'])
    copyFileSync(packagePath(file), join(folder, file));
  symlinkSync(packagePath('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'index.ts'), module);
  mkdirSync(join(folder, 'dist', 'gone'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'gone', 'stale.js'), '');
  return folder;
}

/** @returns the exit status */
function build(folder: string): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['build.mjs'], { cwd: folder });
    child.once('close', (code) => resolve(code!));
  });
}

test('builds, also several at once, leave in dist/ what they have compiled and nothing else', async () => {
  const folder = packageOf('export const answer: number = 42;\n');
  expect(await Promise.all([1, 2, 3].map(() => build(folder)))).toEqual([0, 0, 0]);
  expect(readdirSync(join(folder, 'dist')).toSorted()).toEqual(['index.d.ts', 'index.js']);
  expect(readFileSync(join(folder, 'dist', 'index.js'), 'utf8')).toBe('export const answer = 42;\n');
  expect(readdirSync(join(folder, 'out'))).toEqual([]);
});

test('a wrong type is the exit status of the build', async () => {
  const folder = packageOf("export const answer: number = '42';\n");
  expect(await build(folder)).not.toBe(0);
  expect(readdirSync(join(folder, 'out'))).toEqual([]);
});

test('what cannot be compiled at all leaves the build before it', async () => {
  const folder = packageOf('');
  writeFileSync(join(folder, 'tsconfig.build.json'), '{ "files": [] }');
  expect(await build(folder)).not.toBe(0);
  expect(readdirSync(join(folder, 'dist', 'gone'))).toEqual(['stale.js']);
  expect(readdirSync(join(folder, 'out'))).toEqual([]);
});
