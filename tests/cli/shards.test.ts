import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStoreToRead } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const SIZES = [5, 6, 7, 8];
const WHERE = '--target cpu:plain --threads 1 --budget 0.1s --json'.split(' ');

function trialsOf(db: string) {
  const store = openStoreToRead(db);
  const trials = store.trials().map(({ session, ...trial }) => trial);
  const sessions = store.sessions().map(({ id, ...session }) => session);
  store.close();
  return { trials, sessions };
}

it('three shares, tuned into three databases, come together to all problems, none twice', async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const list = SIZES.map((size) => ({ height: size, width: size, kernel: 3, angles: [0], channels: 16 }));
  writeFileSync(path('problems.json'), JSON.stringify(list));
  const tune = async (...args: string[]) => {
    const { exit, stdout } = await cli('tune', path('problems.json'), ...WHERE, ...args);
    expect(exit).toBe(0);
    return JSON.parse(stdout) as {
      trials: number;
      problems: { problem: string; tuned: boolean; kernel: string }[];
    };
  };

  const shares: string[][] = [];
  for (const i of [1, 2, 3]) {
    const { problems } = await tune('--shard', `${i}/3`, '--db', path(`${i}.db`));
    shares.push(problems.map(({ problem }) => problem));
    expect(await cli('library', 'export', path(`${i}.json`), '--db', path(`${i}.db`))).toMatchObject({
      exit: 0,
    });
  }
  expect(shares.map((share) => share.length)).toEqual([2, 1, 1]);

  const merged = path('all.db');
  const files = [2, 3, 1].map((i) => path(`${i}.json`));
  const imported = await cli('library', 'import', ...files, '--db', merged, '--json');
  const apart = [2, 3, 1].map((i) => trialsOf(path(`${i}.db`)));
  const all = trialsOf(merged);
  expect(all.trials).toEqual(apart.flatMap(({ trials }) => trials));
  expect(all.sessions).toEqual(apart.flatMap(({ sessions }) => sessions));
  expect(new Set(all.trials.map(({ problem, kernel }) => `${problem} ${kernel}`)).size).toBe(
    all.trials.length,
  );
  expect(JSON.parse(imported.stdout)).toMatchObject({ trials: all.trials.length, known: 0, conflicts: [] });

  const again = await cli('library', 'import', ...files, '--db', merged, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ trials: 0, known: all.trials.length, conflicts: [] });
  expect(trialsOf(merged)).toEqual(all);

  const { problems } = await tune('--dry-run', '--db', merged);
  expect(problems.map(({ problem }) => problem).toSorted()).toEqual(shares.flat().toSorted());
  expect(problems.every(({ tuned }) => tuned)).toBe(true);
  const whole = await tune('--db', merged);
  expect(whole.trials).toBe(0);
  expect(whole.problems.every(({ kernel }) => kernel)).toBe(true);
});

it('a share that is empty is no mistake: there are more machines than problems', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  const layer = '--size 5x5 --kernel 3 --angles 0 --channels 16'.split(' ');
  const { exit, stdout } = await cli('tune', ...layer, ...WHERE, '--shard', '2/2', '--db', db);
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { problems: [], trials: 0 }]);
  expect(trialsOf(db).trials).toEqual([]);
});
