import { join } from 'node:path';
import { expect, it } from 'vitest';
import { space } from '../../generator/space.js';
import { cpuTarget } from '../../generator/target.js';
import { candidate } from '../../tuner/candidate.js';
import { type PlanOptions, plan } from '../../tuner/plan.js';
import { openStore } from '../../tuner/store/store.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { RUN, took } from '../support/trials.js';
import { smallLayer, tuned } from '../support/tuned.js';

const target = cpuTarget('plain');
const setting = { target, toolchain: { compiler: 'a compiler', flags: '' }, machine: 'here', threads: 1 };
const [done, open, finished] = [smallLayer(7), smallLayer(8), smallLayer(9)];
const count = (layer: typeof done) => space(layer, target).candidates.length;

const options = (change: Partial<PlanOptions> = {}): PlanOptions => ({
  ...{ target, setting, seconds: 60, width: 1, more: false },
  ...change,
});

it('without a database, everything is to be tuned, in equal shares', () => {
  expect(plan([done, open], options())).toEqual({
    kind: 'plan',
    problems: [
      { problem: done, candidates: count(done), tried: 0, tuned: false, seconds: 30 },
      { problem: open, candidates: count(open), tried: 0, tuned: false, seconds: 30 },
    ],
    seconds: 60,
  });
});

it('counts what is tuned and tried already, on this machine or on any', () => {
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  tuned(store, { problem: done, target: 'cpu:plain', machine: 'here' });
  tuned(store, { problem: open, target: 'cpu:plain', machine: 'elsewhere' });
  const session = store.begin(RUN);
  // Without a final, though nothing is left to try.
  for (const schedule of space(finished, target).candidates) {
    const { schedule: _, source, ...key } = candidate(schedule, setting);
    session.record({
      ...key,
      target: 'cpu:plain',
      params: schedule.params,
      isDefault: false,
      outcome: took(9),
    });
  }
  const all = [done, open, finished];
  const columns = (change: Partial<PlanOptions>) =>
    plan(all, options({ store, ...change })).problems.map(({ tried, tuned, seconds }) => [
      tried,
      tuned,
      seconds,
    ]);
  expect(columns({})).toEqual([
    [2, true, 0],
    [0, false, 30],
    [count(finished), false, 0],
  ]);
  expect(columns({ setting: undefined })).toEqual([
    [2, true, 0],
    [2, true, 0],
    [count(finished), false, 0],
  ]);
  expect(plan(all, options({ store, setting: undefined })).seconds).toBe(0);
  expect(columns({ more: true }).map(([, , seconds]) => seconds)).toEqual([20, 20, 0]);
  store.close();
});

it('gives each problem more of the time where several are tuned side by side', () => {
  const shares = (width: number) =>
    plan([done, open, finished], options({ width })).problems.map(({ seconds }) => seconds);
  expect(shares(2)).toEqual([30, 30, 30]);
  expect(shares(8)).toEqual([60, 60, 60]);
});
