import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { packagePath } from '../../../generator/package.js';
import type { Request } from '../../../tuner/trial/protocol.js';
import { WorkerProcess } from '../../../tuner/trial/worker_process.js';
import { commandLine } from '../../support/command_line.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

/** A worker that answers at once, whatever it is asked. */
const PROMPT = "process.on('message', () => process.send({ kind: 'ready' }));";
/** One that says who it is in a file and never comes to itself again. */
const endless = (file: string) =>
  `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); for (;;);`;

function script(text: string): string {
  const file = join(temporaryFolder(), 'worker.cjs');
  writeFileSync(file, text);
  return file;
}

const REQUEST: Request = {
  kind: 'setup',
  problem: 'any',
  place: { kind: 'cpu', isa: 'plain', threads: 1 },
  seed: 1,
};

test('an answer that came while this process did not run is no hang, however long that was', async () => {
  const worker = new WorkerProcess(script(PROMPT));
  onTestFinished(() => worker.kill());
  expect(await worker.exchange(REQUEST, 60_000)).toEqual({ kind: 'ready' });
  const reply = worker.exchange(REQUEST, 1000);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500); // as if stopped by Ctrl-Z
  expect(await reply).toEqual({ kind: 'ready' });
});

test('a worker that hangs ends with the process that started it', async () => {
  const file = join(temporaryFolder(), 'pid');
  const module = pathToFileURL(packagePath('dist', 'tuner', 'trial', 'worker_process.js')).href;
  const tuner = `
    const { WorkerProcess } = await import(${JSON.stringify(module)});
    const { existsSync } = await import('node:fs');
    new WorkerProcess(${JSON.stringify(script(endless(file)))});
    setInterval(() => existsSync(${JSON.stringify(file)}) && process.exit(), 10);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', tuner], { stdio: 'inherit' });
  await new Promise((resolve) => child.once('close', resolve));
  const pid = await vi.waitFor(
    () => Number(readFileSync(file, 'utf8')) || expect.fail('it is being written'),
  );
  onTestFinished(() => void (commandLine(pid) && process.kill(pid, 'SIGKILL')));
  await vi.waitFor(() => expect(commandLine(pid)).toBe(''), { timeout: 20_000 });
});
