// Compiles the package's TypeScript into dist/, which then holds nothing else. It is compiled aside and put in the place of
// the one before, so that programs that run from there meanwhile find all of one or all of the other.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const out = join(root, 'out');

mkdirSync(out, { recursive: true });
const aside = mkdtempSync(join(out, 'build-'));
try {
  const made = join(aside, 'new');
  // What has wrong types is written all the same, and the status says so; of a wrong configuration nothing is.
  process.exitCode = compile(made);
  if (existsSync(made)) replace(made, join(aside, 'old'));
} finally {
  rmSync(aside, { recursive: true, force: true });
}

/** @returns the compiler's exit status */
function compile(folder) {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const command = [join(dirname(typescript), 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', folder];
  const { status, signal, error } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status === null) throw new Error(`the compiler was ended by ${signal}`);
  return status;
}

/** Another build may do the same at any moment: who finds a dist/ again where there was none takes its turn once more. */
function replace(made, former) {
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(dist, `${former}${attempt}`);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      return renameSync(made, dist);
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' || attempt >= 10) throw error;
    }
  }
}
