import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packagePath } from '../../../generator/package.js';
import { openStore } from '../../../tuner/store/store.js';
import { compiled } from '../../support/compiled.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

interface Told {
  readonly kind: 'ready' | 'claimed' | 'recorded';
  readonly kernel: string;
  readonly written?: boolean;
}

const script = packagePath('tests', 'support', 'store_tuner.mjs');
const module = compiled('tuner/store/store.js');

interface Tuner {
  readonly child: ChildProcess;
  /** Grows as the child reports. */
  readonly told: Told[];
}

/** Child processes that tune one database, all from the same moment on. */
async function tuners(count: number, path: string, trials: number, pause: number): Promise<Tuner[]> {
  const all = Array.from({ length: count }, (): Tuner => {
    const child = fork(script, [module, path, String(trials), String(pause)]);
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, told: [] };
  });
  await Promise.all(all.map(({ child }) => once(child, 'message')));
  for (const { child, told } of all) {
    child.on('message', (message) => told.push(message as Told));
    child.send('begin');
  }
  return all;
}

async function tuner(path: string, trials: number, pause: number): Promise<Tuner> {
  return (await tuners(1, path, trials, pause))[0]!;
}

/** Resolves when the child has gone and all it told has come in. */
async function ended(child: ChildProcess): Promise<number | null> {
  const [[code]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  return code as number | null;
}

/** Kills a tuner once it has told `count` things of a kind. */
async function killAfter({ child, told }: Tuner, kind: Told['kind'], count: number) {
  child.on('message', () => {
    if (told.filter((message) => message.kind === kind).length === count) child.kill('SIGKILL');
  });
  await ended(child);
}

const kernels = (told: readonly Told[], kind: Told['kind']) =>
  told.filter((message) => message.kind === kind).map(({ kernel }) => kernel);

describe('tuners at once', { timeout: 60_000 }, () => {
  test.each(['absent', 'empty'])('lose no trial and make none twice, from an %s file on', async (start) => {
    const path = join(temporaryFolder(), 'trials.db');
    if (start === 'empty') writeFileSync(path, '');
    const four = await tuners(4, path, 400, 1);
    expect(await Promise.all(four.map(({ child }) => ended(child)))).toEqual([0, 0, 0, 0]);

    const told = four.flatMap((each) => each.told);
    expect(new Set(kernels(told, 'claimed')).size).toBe(400);
    expect(kernels(told, 'claimed')).toHaveLength(400);
    expect(told.filter(({ written }) => written)).toHaveLength(400);
    const store = openStore(path);
    onTestFinished(() => store.close());
    expect(store.counts().failed).toBe(400);
    expect(new Set(store.trials().map(({ kernel }) => kernel)).size).toBe(400);
    expect(store.sessions().every(({ ended }) => ended !== null)).toBe(true);
  });
});

describe('a tuner killed in the middle', { timeout: 60_000 }, () => {
  test('leaves its claim to the next one at once, and no finished trial is made again', async () => {
    const path = join(temporaryFolder(), 'trials.db');
    const first = await tuner(path, 6, 200);
    await killAfter(first, 'claimed', 3);
    expect(kernels(first.told, 'recorded')).toHaveLength(2);
    const inHand = kernels(first.told, 'claimed')[2];

    const second = await tuner(path, 6, 0);
    expect(await ended(second.child)).toBe(0);
    expect(kernels(second.told, 'claimed')[0]).toBe(inHand);
    expect(kernels(second.told, 'recorded')).toHaveLength(4);
    expect(new Set(kernels([...first.told, ...second.told], 'recorded')).size).toBe(6);
  });

  test('again and again, loses nothing that it recorded', async () => {
    const path = join(temporaryFolder(), 'trials.db');
    const told: Told[] = [];
    for (const count of [1, 7, 13]) {
      const killed = await tuner(path, 60, 0);
      await killAfter(killed, 'recorded', count);
      told.push(...killed.told);
    }
    const last = await tuner(path, 60, 0);
    expect(await ended(last.child)).toBe(0);
    told.push(...last.told);

    const recorded = kernels(told, 'recorded');
    expect(new Set(recorded).size).toBe(recorded.length);
    const store = openStore(path);
    onTestFinished(() => store.close());
    expect(store.counts().failed).toBe(60);
  });
});
