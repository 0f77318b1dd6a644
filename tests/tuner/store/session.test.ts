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

const [FOUR, EIGHT] = [trialKey(4), trialKey(8)];

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
  test('hands each key out once', () => {
    const [one, two] = [begin(1), begin(2)];
    expect(one.claim(FOUR)).toBe('claimed');
    expect(two.claim(FOUR)).toBe('busy');
    expect(one.claim(FOUR)).toBe('busy');
    expect(two.claim(EIGHT)).toBe('claimed');
  });

  test('tells what is being made from what has been made', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim(FOUR);
    two.claim(EIGHT);
    one.record(trialReport(FOUR, took(10)));
    expect(two.claim(FOUR)).toBe('finished');
    expect(one.claim(EIGHT)).toBe('busy');
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
    one.claim(FOUR);
    one.record(trialReport(FOUR, took(10)));
    one.claim(EIGHT);
    const other = { ...FOUR, [field]: value };
    expect(two.claim(other)).toBe('claimed');
    expect(two.record(trialReport(other, took(10)))).toBe(true);
  });

  test('takes over from a process that is gone', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim(FOUR);
    expect(two.claim(FOUR)).toBe('busy');
    world.dead.add(1);
    expect(two.claim(FOUR)).toBe('claimed');
    world.dead.clear();
    expect(one.claim(FOUR)).toBe('busy');
  });

  test('takes over when a lease has run out', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim(FOUR);
    world.now += LEASE - 1;
    expect(two.claim(FOUR)).toBe('busy');
    world.now += 1;
    expect(two.claim(FOUR)).toBe('claimed');
  });

  test.each(['renew', 'claim', 'record'] as const)('is kept alive by %s', (sign) => {
    const [one, two] = [begin(1), begin(2)];
    one.claim(FOUR);
    one.claim(EIGHT);
    world.now += LEASE - 1;
    if (sign === 'renew') one.renew();
    else if (sign === 'claim') one.claim(trialKey(14));
    else one.record(trialReport(EIGHT, took(10)));
    world.now += LEASE - 1;
    expect(two.claim(FOUR)).toBe('busy');
  });

  test("a session's end frees its own claims only", () => {
    const store = open(1);
    const [one, two, three] = [store.begin(RUN), store.begin(RUN), begin(3)];
    one.claim(FOUR);
    two.claim(EIGHT);
    one.end();
    expect(three.claim(EIGHT)).toBe('busy');
    expect(three.claim(FOUR)).toBe('claimed');
    store.close();
    expect(three.claim(EIGHT)).toBe('claimed');
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
    one.claim(FOUR);
    expect(one.record(trialReport(FOUR, took(10)))).toBe(true);
    const first = store.find(FOUR);
    expect(one.record(trialReport(FOUR, { kind: 'hung', reason: 'later' }))).toBe(false);
    expect(store.trials()).toEqual([first]);
    const claims = openDatabase(path).prepare('SELECT count(*) FROM claim').pluck();
    expect(claims.get()).toBe(0);
  });

  test('of two sessions that made one trial, the first wins', () => {
    const [one, two] = [begin(1), begin(2)];
    one.claim(FOUR);
    world.dead.add(1);
    two.claim(FOUR);
    expect(one.record(trialReport(FOUR, took(10)))).toBe(true);
    expect(two.record(trialReport(FOUR, took(20)))).toBe(false);
    expect(open(3).find(FOUR)).toMatchObject({ session: one.id, outcome: { measurement: { median: 10 } } });
  });

  test('keeps nothing of a trial that the schema refuses', () => {
    const store = open(1);
    const one = store.begin(RUN);
    one.claim(FOUR);
    const broken = trialReport({ ...FOUR, threads: 0 }, took(10));
    expect(() => one.record(broken)).toThrow(/CHECK/);
    expect(store.trials()).toEqual([]);
    expect(begin(2).claim(FOUR)).toBe('busy');
  });
});

describe('recordFinal', () => {
  const rows = () =>
    openDatabase(path).prepare('SELECT (SELECT count(*) FROM final) + count(*) FROM finalist').pluck().get();

  test('refuses a kernel without a trial, and then writes none', () => {
    const store = open(1);
    const one = store.begin(RUN);
    one.record(trialReport(FOUR, took(10)));
    const final = [FOUR, EIGHT].map((key) => ({ key, measurement: timing(99) }));
    expect(() => one.recordFinal(final, timing(5))).toThrow(
      expect.objectContaining({ code: 'final-without-trial' }),
    );
    expect(store.winners()[0]).toMatchObject({ final: false, measurement: { median: 10 } });
    expect(rows()).toBe(0);
  });

  test.each(['finalist', 'copy'])('writes neither final nor copy where the %s is refused', (which) => {
    const one = open(1).begin(RUN);
    one.record(trialReport(FOUR, took(10)));
    const broken = { ...timing(9), repetitions: 1.5 };
    const [measurement, copy] = which === 'copy' ? [timing(9), broken] : [broken, timing(9)];
    expect(() => one.recordFinal([{ key: FOUR, measurement }], copy)).toThrow(/INTEGER/);
    expect(rows()).toBe(0);
  });
});
