import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { atEnd } from '../../runtime/at_end.js';
import { commandLine } from '../support/command_line.js';
import { compiled } from '../support/compiled.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const SCRIPT = fileURLToPath(new URL('../support/kernel_compiler.mjs', import.meta.url));
const MODULE = compiled('runtime/compiler.js');

/** A compiler that writes half of a binary, says who it is in a file and then takes its time. */
function slowCompiler(folder: string): string {
  const file = join(folder, 'slow-c++');
  writeFileSync(
    file,
    `#!/bin/sh
if [ "$1" = --version ]; then echo slow 1.0; exit 0; fi
while [ "$1" != -o ]; do shift; done
echo half > "$2"
echo $$ > ${join(folder, 'pid')}
exec sleep 60
`,
  );
  chmodSync(file, 0o755);
  return file;
}

const isRunning = (pid: number) => commandLine(pid) !== '';

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s while a kernel is compiled ends the compiler, too, and leaves nothing in the cache',
  async (signal) => {
    const [folder, cache] = [temporaryFolder(), temporaryFolder()];
    const child = spawn(process.execPath, [SCRIPT, MODULE, cache], {
      env: { ...process.env, CXX: slowCompiler(folder) },
    });
    const ended = new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
    const pid = await vi.waitFor(() => Number(readFileSync(join(folder, 'pid'), 'utf8')) || expect.fail(), {
      timeout: 20_000,
    });
    expect(readdirSync(cache)).toHaveLength(1);
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(cache)).toEqual([]);
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 20_000 });
  },
);

/** Programs that write a file aside and come to no end of it. */
const WRITING = {
  'weights are written': [
    'runtime/weights/safetensors/write_safetensors.js',
    `await module.writeSafetensors(file, [
       { kind: 'named-tensor', name: 'a', shape: [1], stored: 'F32', read: () => new Promise(() => {}) },
     ]);`,
  ],
  'results are written': [
    'cli/atomic.js',
    `const { execFileSync } = await import('node:child_process');
     const pipe = process.argv[3];
     execFileSync('mkfifo', [pipe]);
     await module.writeAllAside([{ path: file, content: 'result' }, { path: pipe, content: 'nobody reads it' }]);`,
  ],
} as const;

test.each(Object.entries(WRITING))(
  'Ctrl-C while %s leaves nothing half-written',
  async (_, [path, program]) => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const text = `
    const [, url, file] = process.argv;
    const module = await import(url);
    setInterval(() => {}, 1000); // a promise alone keeps no process
    ${program}`;
    const files = [packagePath('dist', path), join(folder, 'file'), join(elsewhere, 'pipe')];
    const child = spawn(process.execPath, ['--input-type=module', '-e', text, ...files], {
      stdio: 'inherit',
    });
    const ended = new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
    // What is written to try whether that can be done is empty, and gone at once.
    const written = () => readdirSync(folder).filter((name) => statSync(join(folder, name)).size > 0);
    await vi.waitFor(() => expect(written()).toHaveLength(1), { timeout: 20_000 });
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('listeners of the program stand alone once nothing is to be done, and decide while there is', () => {
  const before = process.listenerCount('SIGHUP');
  const mine = vi.fn();
  process.on('SIGHUP', mine);
  onTestFinished(() => void process.off('SIGHUP', mine));
  const action = vi.fn();
  const [first, second] = [atEnd(action), atEnd(action)];
  expect(process.listenerCount('SIGHUP')).toBe(before + 2);
  process.emit('SIGHUP', 'SIGHUP');
  expect(mine).toHaveBeenCalledTimes(1);
  expect(action).not.toHaveBeenCalled();
  process.off('SIGHUP', mine);
  process.once('SIGHUP', mine);
  process.emit('SIGHUP', 'SIGHUP');
  expect(mine).toHaveBeenCalledTimes(2); // and this process is there still
  expect(action).not.toHaveBeenCalled();
  process.on('SIGHUP', mine);
  first();
  expect(process.listenerCount('SIGHUP')).toBe(before + 2);
  second();
  expect(process.listenerCount('SIGHUP')).toBe(before + 1);
});
