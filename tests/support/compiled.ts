import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import { packagePath } from '../../generator/package.js';

/**
 * Compiles a module as it now is, for child processes: they run JavaScript only, and dist/ may be older. Gone when the
 * test file ends: called as that begins, since a hook's own afterAll is never heard of.
 * @param module `tuner/store/store.js`, of those that tsconfig.compiled.json lists
 * @returns the compiled module's URL
 */
export function compiled(module: string): string {
  mkdirSync(packagePath('out'), { recursive: true });
  const folder = mkdtempSync(packagePath('out', 'tests-compiled-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const project = packagePath('tests', 'support', 'tsconfig.compiled.json');
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', folder], { stdio: 'pipe' });
  return pathToFileURL(join(folder, module)).href;
}
