import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../tuner/store/database.js';
import { openStore, Store } from '../../../tuner/store/store.js';
import type { Trial } from '../../../tuner/store/trial.js';
import { realWorld } from '../../../tuner/store/world.js';
import { expectTrueRecord, INJURED, LAYER, oneByOne, soundRig, tuneAll } from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

/**
 * A store whose file may grow by so many pages from here on. SQLite answers a growth beyond that as it answers a disk
 * without room: SQLITE_FULL.
 */
function cramped(path: string, pages: number): Store {
  const db = openDatabase(path);
  const count = db.pragma('page_count', { simple: true }) as number;
  db.pragma(`max_page_count = ${count + pages}`);
  return new Store(db, realWorld());
}

/** Mostly there is no room at all, now and then for another trial or two. */
const growth = (times: number) => (times % 7 === 6 ? 1 : 0);

test('20 times on a full disk: every trial up to there is kept, and the next tuning goes on', async () => {
  const path = join(temporaryFolder(), 'trials.db');
  const rig = oneByOne(await soundRig());
  let before: readonly Trial[] = [];
  for (let times = 0; times < INJURED; times++) {
    const store = cramped(path, growth(times));
    await expect(tuneAll(store, [rig])).rejects.toMatchObject({ code: 'store-full', fault: 'system' });
    const after = store.trials();
    store.close();
    expect(after.slice(0, before.length)).toEqual(before);
    before = after;
  }
  expect(before.length).toBeGreaterThan(0);
  const store = openStore(path);
  await tuneAll(store, [rig]);
  expect(store.trials().slice(0, before.length)).toEqual(before);
  await expectTrueRecord(store, LAYER, { injured: new Set(), verdict: 'failed', reason: /./ });
  store.close();
});
