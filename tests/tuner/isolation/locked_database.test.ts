import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packagePath } from '../../../generator/package.js';
import type { TuneEvent } from '../../../tuner/event.js';
import { openDatabase } from '../../../tuner/store/database.js';
import { openStore, Store } from '../../../tuner/store/store.js';
import { realWorld } from '../../../tuner/store/world.js';
import { expectTrueRecord, INJURED, LAYER, oneByOne, soundRig, tuneAll } from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const NOTHING_FAILED = { injured: new Set<string>(), verdict: 'failed', reason: /./ } as const;

/** Starts a process that locks a database again and again; says how often it has. */
async function locker(path: string): Promise<() => number> {
  let locked = 0;
  const child = fork(packagePath('tests', 'support', 'database_locker.mjs'), [path, '30']);
  child.on('message', () => locked++);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return () => locked;
}

test('20 times locked by another program for a moment: the tuning waits, and nothing is lost', async () => {
  const path = join(temporaryFolder(), 'trials.db');
  const store = openStore(path);
  const rig = await soundRig();
  const locked = await locker(path);
  do await tuneAll(store, [rig]);
  while (locked() < INJURED);
  await expectTrueRecord(store, LAYER, NOTHING_FAILED);
  store.close();
});

/** A store of little patience, and a hand on its lock. */
function impatient(path: string) {
  const db = openDatabase(path);
  db.pragma('busy_timeout = 20');
  const other = openDatabase(path);
  return {
    store: new Store(db, realWorld()),
    lock: () => other.exec('BEGIN EXCLUSIVE'),
    unlock: () => other.exec('ROLLBACK').close(),
  };
}

test('20 times locked for longer than that: every trial up to there is kept, and the next tuning goes on', async () => {
  const path = join(temporaryFolder(), 'trials.db');
  const rig = oneByOne(await soundRig());
  for (let times = 0; times < INJURED; times++) {
    const { store, lock, unlock } = impatient(path);
    // By turns before anything is claimed and after a trial.
    const moment = times % 2 === 0 ? 'problem' : 'trial';
    const on = ({ kind }: TuneEvent) => void (kind === moment && lock());
    await expect(tuneAll(store, [rig], { on })).rejects.toMatchObject({
      code: 'store-busy',
      fault: 'system',
    });
    unlock();
    expect(store.trials()).toHaveLength(Math.ceil(times / 2));
    store.close();
  }
  const store = openStore(path);
  await tuneAll(store, [rig]);
  await expectTrueRecord(store, LAYER, NOTHING_FAILED);
  store.close();
});
