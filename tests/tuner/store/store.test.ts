import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { StoreError } from '../../../tuner/errors.js';
import type { Outcome } from '../../../tuner/outcome.js';
import { openDatabase } from '../../../tuner/store/database.js';
import { Store } from '../../../tuner/store/store.js';
import { realWorld } from '../../../tuner/store/world.js';
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

const OUTCOMES: readonly Outcome[] = [
  took(12.5),
  { kind: 'refused-by-compiler', reason: "error: 'x' was not declared" },
  { kind: 'wrong', reason: 'output 7 is 2, not 1', relativeError: 1 },
  { kind: 'wrong', reason: 'not a number', relativeError: Number.NaN },
  { kind: 'wrong', reason: 'infinite', relativeError: Number.POSITIVE_INFINITY },
  { kind: 'crashed', reason: 'SIGSEGV' },
  { kind: 'hung', reason: 'no end after 10 s' },
  { kind: 'failed', reason: 'no worker\nat all' },
];

let path: string;
let world: TestWorld;
let store: Store;

beforeEach(() => {
  path = join(temporaryFolder(), 'trials.db');
  world = testWorld();
  store = storeOf(path, world, 11);
  onTestFinished(() => store.close());
});

describe('a trial', () => {
  test.each(OUTCOMES)('comes back as it went in: $kind, $reason', (outcome) => {
    const session = store.begin(RUN);
    const report = trialReport(trialKey(14), outcome, true);
    session.record(report);
    expect(store.trials()).toEqual([
      {
        kind: 'trial',
        ...report,
        layer: 'fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512',
        session: session.id,
        finished: '2025-11-24T12:00:00.000Z',
      },
    ]);
  });

  test('leads to the session that made it', () => {
    const session = store.begin(RUN);
    world.now += 1500;
    session.end();
    world.now += 1000;
    session.end(); // as close() will
    expect(store.sessions()).toEqual([
      {
        ...RUN,
        id: session.id,
        host: 'here',
        pid: 11,
        started: '2025-11-24T12:00:00.000Z',
        ended: '2025-11-24T12:00:01.500Z',
      },
    ]);
  });
});

describe('filters', () => {
  test.each([
    [{}, 8],
    [{ problem: trialKey(0).problem }, 7],
    [{ kernel: trialKey(2).kernel }, 1],
    [{ sourceHash: 'hash 3' }, 1],
    [{ target: 'cpu:avx512' }, 8],
    [{ target: 'cuda:sm_90' }, 0],
    [{ machine: 'A CPU at 2 GHz' }, 8],
    [{ machine: "' OR 1 --" }, 0],
    [{ toolchain: { compiler: 'g++ 13.2.0', flags: '-O3 -mavx512f' } }, 8],
    [{ toolchain: { compiler: 'g++ 13.2.0', flags: '' } }, 0],
    [{ threads: 2 }, 8],
    [{ threads: 3 }, 0],
    [{ verdict: 'wrong' as const }, 3],
    [{ verdict: 'ok' as const, problem: undefined }, 1],
    [{ verdict: 'failed' as const, problem: 'other_c4_n2' }, 1],
  ])('%o takes %i', (filter, expected) => {
    const session = store.begin(RUN);
    OUTCOMES.forEach((outcome, tile) => {
      const changes = tile === 7 ? { problem: 'other_c4_n2' } : {};
      session.record(trialReport(trialKey(tile, changes), outcome));
    });
    const trials = store.trials(filter);
    expect(trials).toHaveLength(expected);
    const counts = store.counts(filter);
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(expected);
    for (const { outcome } of trials) expect(counts[outcome.kind]).toBeGreaterThan(0);
  });
});

describe('a transaction', () => {
  test('holds the database from its first statement on', () => {
    const key = trialKey(1);
    const other = new Database(path, { timeout: 0 });
    onTestFinished(() => void other.close());
    const codes: unknown[] = [];
    const now = () => {
      try {
        other.exec("UPDATE session SET version = 'in between'");
        codes.push('written');
      } catch (error) {
        codes.push((error as { code: unknown }).code);
      }
      return world.now;
    };
    const session = store.begin(RUN);
    session.record(trialReport(key, took(1))); // so that the next finds its machine and begins by reading
    const watched = {
      get now() {
        return now();
      },
      dead: world.dead,
    };
    const spied = storeOf(path, watched, 12);
    onTestFinished(() => spied.close());
    const second = spied.begin(RUN);
    codes.length = 0;
    second.recordFinal([{ key, measurement: timing(2) }], timing(1));
    expect(new Set(codes)).toEqual(new Set(['SQLITE_BUSY']));
  });
});

describe('a full disk', () => {
  test('is told apart, loses no trial, and can be gone on from', () => {
    const db = openDatabase(path);
    const small = new Store(db, realWorld());
    onTestFinished(() => small.close());
    const session = small.begin(RUN);
    db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 3}`);
    const long = { kind: 'failed', reason: 'x'.repeat(1000) } as const;
    let written = 0;
    const fill = () => {
      for (; written < 1000; written++) session.record(trialReport(trialKey(written), long));
    };
    expect(fill).toThrow(StoreError);
    expect(fill).toThrow(expect.objectContaining({ code: 'store-full', value: path, fault: 'system' }));
    expect(written).toBeGreaterThan(0);
    expect(store.counts().failed).toBe(written);
    db.pragma('max_page_count = 100000');
    expect(session.record(trialReport(trialKey(written), long))).toBe(true);
  });
});

describe('a locked database', () => {
  test('is told apart', () => {
    const db = openDatabase(path);
    db.pragma('busy_timeout = 1');
    const waiting = new Store(db, realWorld());
    onTestFinished(() => waiting.close());
    const session = waiting.begin(RUN);
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(() => session.record(trialReport(trialKey(1), took(1)))).toThrow(
      expect.objectContaining({ code: 'store-busy', value: path, fault: 'system' }),
    );
    expect(waiting.trials()).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    expect(session.record(trialReport(trialKey(1), took(1)))).toBe(true);
  });
});
