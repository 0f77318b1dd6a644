import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { LEASE } from '../../../tuner/store/claims.js';
import { openDatabase } from '../../../tuner/store/database.js';
import type { Store } from '../../../tuner/store/store.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import {
  RUN,
  storeOf,
  type TestWorld,
  testWorld,
  timing,
  took,
  trialKey,
  trialReport,
} from '../../support/trials.js';

const KEYS = [trialKey(4), trialKey(8), trialKey(14)];
const [FOUR, EIGHT, FOURTEEN] = KEYS as [(typeof KEYS)[0], (typeof KEYS)[0], (typeof KEYS)[0]];

let path: string;
let world: TestWorld;

beforeEach(() => {
  path = join(temporaryFolder(), 'trials.db');
  world = testWorld();
});

function open(pid: number): Store {
  const store = storeOf(path, world, pid);
  onTestFinished(() => store.close());
  return store;
}

const begin = (pid: number) => open(pid).begin(RUN);

describe('claim', () => {
  test('hands each key out once, in order, the same object', () => {
    const [one, two] = [begin(1), begin(2)];
    expect(one.claim(KEYS)).toEqual({ kind: 'claimed', key: FOUR });
    const claim = two.claim(KEYS);
    expect(claim.kind === 'claimed' && claim.key).toBe(EIGHT);
    expect(one.claim(KEYS)).toMatchObject({ key: FOURTEEN });
    expect(one.claim(KEYS)).toEqual({ kind: 'busy' });
    expect(two.claim(KEYS)).toEqual({ kind: 'busy' });
  });

  test('tells what is being made from what has been made', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim([FOUR]);
    two.claim([EIGHT]);
    one.record(trialReport(FOUR, took(10)));
    expect(two.claim([FOUR])).toEqual({ kind: 'finished' });
    expect(one.claim([FOUR, EIGHT])).toEqual({ kind: 'busy' });
    expect(one.claim([])).toEqual({ kind: 'finished' });
  });

  test.each([
    ['problem', 'another_n64'],
    ['kernel', 'another__kernel'],
    ['sourceHash', 'another'],
    ['toolchain', { compiler: 'g++ 13.2.0', flags: '-O2' }],
    ['toolchain', { compiler: 'clang 18', flags: '-O3 -mavx512f' }],
    ['machine', 'another'],
    ['threads', 1],
  ])('takes trials that differ in %s for different ones', (field, value) => {
    const [one, two] = [begin(1), begin(2)];
    one.claim([FOUR]);
    one.record(trialReport(FOUR, took(10)));
    one.claim([EIGHT]);
    const other = { ...FOUR, [field]: value };
    expect(two.claim([other])).toEqual({ kind: 'claimed', key: other });
    expect(two.record(trialReport(other, took(10)))).toBe(true);
  });

  test('takes over from a process that is gone', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim([FOUR]);
    expect(two.claim([FOUR])).toEqual({ kind: 'busy' });
    world.dead.add(1);
    expect(two.claim([FOUR])).toMatchObject({ kind: 'claimed' });
    world.dead.clear();
    expect(one.claim([FOUR])).toEqual({ kind: 'busy' });
  });

  test('takes over when a lease has run out', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim([FOUR]);
    world.now += LEASE - 1;
    expect(two.claim([FOUR])).toEqual({ kind: 'busy' });
    world.now += 1;
    expect(two.claim([FOUR])).toMatchObject({ kind: 'claimed' });
  });

  test.each(['renew', 'claim', 'record'] as const)('is kept alive by %s', (sign) => {
    const [one, two] = [begin(1), begin(2)];
    one.claim([FOUR]);
    one.claim([EIGHT]);
    world.now += LEASE - 1;
    if (sign === 'renew') one.renew();
    else if (sign === 'claim') one.claim([]);
    else one.record(trialReport(EIGHT, took(10)));
    world.now += LEASE - 1;
    expect(two.claim([FOUR])).toEqual({ kind: 'busy' });
  });

  test("a session's end frees its own claims only", () => {
    const store = open(1);
    const [one, two, three] = [store.begin(RUN), store.begin(RUN), begin(3)];
    one.claim([FOUR]);
    two.claim([EIGHT]);
    one.end();
    expect(three.claim([EIGHT])).toEqual({ kind: 'busy' });
    expect(three.claim([FOUR])).toMatchObject({ kind: 'claimed' });
    store.close();
    expect(three.claim([EIGHT])).toMatchObject({ kind: 'claimed' });
    expect(
      open(4)
        .sessions()
        .map(({ ended }) => ended !== null),
    ).toEqual([true, true, false]);
  });
});

describe('record', () => {
  test('ends the claim and is idempotent: the first trial stays', () => {
    const store = open(1);
    const one = store.begin(RUN);
    one.claim([FOUR]);
    expect(one.record(trialReport(FOUR, took(10)))).toBe(true);
    const first = store.find(FOUR);
    expect(one.record(trialReport(FOUR, { kind: 'hung', reason: 'later' }))).toBe(false);
    expect(store.trials()).toEqual([first]);
    const claims = openDatabase(path).prepare('SELECT count(*) FROM claim').pluck();
    expect(claims.get()).toBe(0);
  });

  test('of two sessions that made one trial, the first wins', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim([FOUR]);
    world.dead.add(1);
    two.claim([FOUR]);
    expect(one.record(trialReport(FOUR, took(10)))).toBe(true);
    expect(two.record(trialReport(FOUR, took(20)))).toBe(false);
    expect(open(3).find(FOUR)).toMatchObject({ session: one.id, outcome: { measurement: { median: 10 } } });
  });

  test('keeps nothing of a trial that the schema refuses', () => {
    const store = open(1);
    const one = store.begin(RUN);
    one.claim([FOUR]);
    const broken = trialReport({ ...FOUR, threads: 0 }, took(10));
    expect(() => one.record(broken)).toThrow(/CHECK/);
    expect(store.trials()).toEqual([]);
    expect(begin(2).claim([FOUR])).toEqual({ kind: 'busy' });
  });
});

describe('recordFinal', () => {
  test('refuses a kernel without a trial, and then writes none', () => {
    const store = open(1);
    const one = store.begin(RUN);
    one.record(trialReport(FOUR, took(10)));
    const final = [FOUR, EIGHT].map((key) => ({ key, measurement: timing(99) }));
    expect(() => one.recordFinal(final)).toThrow(expect.objectContaining({ code: 'final-without-trial' }));
    expect(store.winners()[0]!.measurement.median).toBe(10);
  });
});
