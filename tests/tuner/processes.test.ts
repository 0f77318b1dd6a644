import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openStore } from '../../tuner/store/store.js';
import type { Trial } from '../../tuner/store/trial.js';
import { commandLine } from '../support/command_line.js';
import { oriented1d, start } from '../support/process.js';
import { quickCompiler } from '../support/quick_compiler.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** Of some hundred candidates: no tuning here comes to their end by itself. */
const LAYER = '--size 9x9 --kernel 3 --angles 0 --channels 16 --target cpu:plain --threads 1'.split(' ');

function tuning(db: string, budget: string, ...more: string[]): string[] {
  return ['tune', ...LAYER, '--db', db, '--budget', budget, ...more];
}

/** Whatever a busy machine needs. */
const SOON = { timeout: 50_000 };

/** What is in the environment of all that tune here. */
async function quick(): Promise<NodeJS.ProcessEnv> {
  const CXX = (await quickCompiler()).command.join(' ');
  return { CXX };
}

/** The same with a compiler whose kernels say in the file `hangs` who they run in, and never come to an end. */
async function hanging(folder: string): Promise<NodeJS.ProcessEnv> {
  const [CXX, more] = [join(folder, 'hanging-c++'), join(folder, 'more.cpp')];
  writeFileSync(
    more,
    `#include <cstdio>
#include <unistd.h>
__attribute__((constructor)) static void hang() {
  std::FILE* file = std::fopen("${join(folder, 'hangs')}", "w");
  std::fprintf(file, "%d", static_cast<int>(getpid()));
  std::fclose(file);
  for (;;) pause();
}
`,
  );
  const { CXX: compiler } = await quick();
  writeFileSync(
    CXX,
    `#!/bin/sh
case "$*" in *--version*) exec ${compiler} --version;; esac
cat - ${more} | ${compiler} "$@"
`,
  );
  chmodSync(CXX, 0o755);
  return { CXX };
}

function trials(db: string): readonly Trial[] {
  const store = openStore(db);
  try {
    return store.trials();
  } finally {
    store.close();
  }
}

async function untilTrials(db: string, count: number): Promise<void> {
  while (!existsSync(db) || trials(db).length < count) await pause(20);
}

/** Numbers of the workers that a process has started. */
function workersOf(parent: number): readonly number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean);
  return children.map(Number).filter((pid) => commandLine(pid).includes('worker.js'));
}

const names = (all: readonly Trial[]) => all.map(({ kernel }) => kernel);

// A busy machine starts each of them in seconds.
describe('tune in processes of its own', { timeout: 120_000 }, () => {
  it('goes on after kill -9 and measures no finished trial twice', async () => {
    const db = join(temporaryFolder(), 'trials.db');
    const env = await quick();
    const { child, ended } = start(tuning(db, '30s'), env);
    await untilTrials(db, 3);
    child.kill('SIGKILL');
    await ended;
    const before = trials(db);
    const { code } = await oriented1d(tuning(db, '0.1s'), env);
    expect(code).toBe(0);
    const after = trials(db);
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(names(after)).size).toBe(after.length);
  });

  it.runIf(process.platform === 'linux')('kill -9 takes a worker along whose kernel hangs', async () => {
    const folder = temporaryFolder();
    const { child, ended } = start(tuning(join(folder, 'trials.db'), '30s'), await hanging(folder));
    const worker = await vi.waitFor(
      () => Number(readFileSync(join(folder, 'hangs'), 'utf8')) || expect.fail('it is being written'),
      SOON,
    );
    onTestFinished(() => void (commandLine(worker) && process.kill(worker, 'SIGKILL')));
    expect(workersOf(child.pid!)).toContain(worker);
    child.kill('SIGKILL');
    await ended;
    await vi.waitFor(() => expect(commandLine(worker)).toBe(''), { timeout: 2000 });
  });

  it('ends cleanly at Ctrl-C and keeps what is finished', async () => {
    const db = join(temporaryFolder(), 'trials.db');
    const { child, ended } = start(tuning(db, '30s', '--json'), await quick());
    await untilTrials(db, 2);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('what is finished is kept');
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, trials: trials(db).length });
  });

  it('SIGTERM to the whole group, a worker that has just started, too, fails nothing', async () => {
    const db = join(temporaryFolder(), 'trials.db');
    const { child, ended } = start(tuning(db, '30s', '--json'), await quick(), { detached: true });
    while (workersOf(child.pid!).length === 0) await pause(1);
    process.kill(-child.pid!, 'SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 143, stderr: expect.not.stringContaining('failed') });
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true });
    expect(trials(db).filter(({ outcome }) => outcome.kind !== 'ok')).toEqual([]);
  });

  it('shares a database between four tuners: no trial lost, none doubled', async () => {
    const db = join(temporaryFolder(), 'trials.db');
    const env = await quick();
    const four = Array.from({ length: 4 }, () => start(tuning(db, '60s', '--json'), env));
    const isTrying = () => new Set(trials(db).map(({ session }) => session)).size === four.length;
    while (!existsSync(db) || !isTrying()) await pause(20);
    for (const { child } of four) child.kill('SIGINT');
    const runs = await Promise.all(four.map(({ ended }) => ended));
    expect(runs.map(({ code }) => code)).toEqual(four.map(() => 130)); // interrupted
    const said = runs.map(({ stdout }) => (JSON.parse(stdout) as { trials: number }).trials);
    const all = trials(db);
    expect(Math.min(...said)).toBeGreaterThan(0);
    expect(all.length).toBe(said.reduce((sum, one) => sum + one, 0));
    expect(new Set(names(all)).size).toBe(all.length);
  });

  it('publishes what it tuned, and moves it to another database', async () => {
    const folder = temporaryFolder();
    const [db, other, library, file] = ['a.db', 'b.db', 'kernels', 'trials.json'].map((name) =>
      join(folder, name),
    );
    const env = await quick();
    expect(await oriented1d(tuning(db!, '0.1s', '--out', library!), env)).toMatchObject({ code: 0 });
    const verified = await oriented1d(['library', 'verify', library!, '--json'], env);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, kernels: [{ verdict: 'ok' }] });
    expect(await oriented1d(['library', 'export', file!, '--db', db!])).toMatchObject({ code: 0 });
    expect(await oriented1d(['library', 'import', file!, '--db', other!])).toMatchObject({ code: 0 });
    expect(await oriented1d(['library', 'import', file!, '--db', other!])).toMatchObject({
      stdout: expect.stringMatching(/^0 trials taken over, \d+ were there already/),
    });
    const lists = await Promise.all(
      [db!, other!].map((path) => oriented1d(['library', 'list', '--json', '--db', path])),
    );
    expect(lists[1]!.stdout).toBe(lists[0]!.stdout);
    expect(JSON.parse(lists[0]!.stdout)).toMatchObject({ winners: [{ final: true }] });
  });
});
