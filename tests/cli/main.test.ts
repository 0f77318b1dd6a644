import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const TAPS = ['taps', '--kernel', '31', '--angle', '22.5'];

/** Runs the compiled command line with its standard output in a file. */
async function into(path: string): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const stdout = openSync(path, 'w');
  try {
    const child = spawn(process.execPath, [packagePath('dist', 'cli', 'main.js'), ...TAPS], {
      stdio: ['ignore', stdout, 'pipe'],
    });
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { stderr: await text(child.stderr!), code: await code };
  } finally {
    closeSync(stdout);
  }
}

test('a standard output that is full is a failure, in one line', async () => {
  expect(await into('/dev/full')).toEqual({
    code: 1,
    stderr:
      "oriented1d: '/dev/stdout': cannot be written: no space left on device; make room, or send the output elsewhere\n",
  });
});

test('a standard output that takes everything is none', async () => {
  expect(await into('/dev/null')).toEqual({ code: 0, stderr: '' });
});

test('goes on where nobody reads what it says', async () => {
  const db = join(temporaryFolder(), 'none.db');
  const line = ['library', 'import', packagePath('package.json'), '--db', db];
  const child = spawn(process.execPath, [packagePath('dist', 'cli', 'main.js'), ...line]);
  child.stderr.destroy();
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2); // as it would if somebody did
});
