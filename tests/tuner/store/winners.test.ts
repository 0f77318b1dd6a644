import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../../tuner/store/session.js';
import type { Store } from '../../../tuner/store/store.js';
import type { TrialKey } from '../../../tuner/store/trial.js';
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

let store: Store;
let session: Session;
let world: TestWorld;

beforeEach(() => {
  world = testWorld();
  store = storeOf(join(temporaryFolder(), 'trials.db'), world, 1);
  onTestFinished(() => store.close());
  session = store.begin(RUN);
});

function record(key: TrialKey, microseconds: number, isDefault = false) {
  session.record(trialReport(key, took(microseconds), isDefault));
}

const tiles = () => store.winners().map(({ trial }) => trial.kernel.split('_t')[1]);

describe('winners', () => {
  test('are the fastest sound trials, with the default beside them', () => {
    record(trialKey(4), 30, true);
    record(trialKey(8), 10);
    record(trialKey(14), 20);
    session.record(trialReport(trialKey(2), { kind: 'wrong', reason: 'fast but wrong', relativeError: 1 }));
    expect(store.winners()).toEqual([
      {
        kind: 'winner',
        trial: store.find(trialKey(8)),
        measurement: timing(10),
        measured: '2025-11-24T12:00:00.000Z',
        final: false,
        default: timing(30),
        copy: undefined,
      },
    ]);
  });

  test('may be the default itself, or have none', () => {
    record(trialKey(4), 30, true);
    expect(store.winners()[0]).toMatchObject({ measurement: timing(30), default: timing(30) });
    expect(store.winners({ problem: 'none' })).toEqual([]);
    record(trialKey(4, { threads: 1 }), 30);
    expect(store.winners({ threads: 1 })[0]!.default).toBeUndefined();
  });

  test('go by the name where times are equal', () => {
    record(trialKey(8), 10);
    record(trialKey(4), 10);
    expect(tiles()).toEqual(['4']);
  });

  test('are one for each problem, toolchain, machine, number of threads and target', () => {
    record(trialKey(4), 10);
    record(trialKey(5, { problem: 'p_n1' }), 11);
    record(trialKey(6, { machine: 'another' }), 12);
    record(trialKey(7, { toolchain: { compiler: 'g++ 13.2.0', flags: '-O2' } }), 13);
    record(trialKey(8, { threads: 1 }), 14);
    session.record({ ...trialReport(trialKey(9), took(15)), target: 'cpu:avx2' });
    for (const n of [4, 5, 6, 7, 8]) record(trialKey(n + 10, { ...trialKey(n), kernel: 'a__slower' }), 99);
    expect(tiles().sort()).toEqual(['4', '5', '6', '7', '8', '9']);
    expect(store.winners({ machine: 'another' })).toHaveLength(1);
  });

  test('go by the last final before the trials', () => {
    record(trialKey(4), 10, true);
    record(trialKey(8), 11);
    record(trialKey(14), 5);
    const final = (of: Session, four: number, eight: number) =>
      of.recordFinal(
        [
          { key: trialKey(4), measurement: timing(four) },
          { key: trialKey(8), measurement: timing(eight) },
        ],
        timing(four - 2),
      );
    const later = store.begin(RUN);
    final(later, 13, 12);
    final(session, 12, 13);
    expect(store.winners()).toMatchObject([
      { trial: { kernel: trialKey(8).kernel }, measurement: timing(12), final: true, default: timing(13) },
    ]);
    const [held] = store.finals();
    expect(held).toMatchObject({ copy: timing(11), measured: '2025-11-24T12:00:00.000Z' });
    expect(held!.finalists.map(({ key, measurement }) => [key.kernel, measurement.median])).toEqual([
      [trialKey(8).kernel, 12],
      [trialKey(4).kernel, 13],
    ]);
    final(later, 12, 13); // of finals of one moment and session, the last
    expect(tiles()).toEqual(['4']);
    world.now += 1;
    final(session, 13, 12); // a later moment before a later session
    expect(tiles()).toEqual(['8']);
    expect(store.winners()[0]).toMatchObject({ measured: '2025-11-24T12:00:00.001Z', copy: timing(11) });
  });

  test('go by their places where the final has given some, and by time in a final without', () => {
    record(trialKey(4), 10, true);
    record(trialKey(8), 11);
    const finalists = [8, 4].map((tile) => ({ key: trialKey(tile), measurement: timing(tile) }));
    session.recordFinal(finalists, timing(2), { placed: true, retaken: 3 });
    expect(tiles()).toEqual(['8']);
    expect(store.winners()[0]).toMatchObject({ measurement: timing(8), default: timing(4) });
    expect(store.finals()).toMatchObject([{ placed: true, retaken: 3 }]);
    world.now += 1;
    session.recordFinal(finalists, timing(2));
    expect(tiles()).toEqual(['4']);
    expect(store.finals()).toMatchObject([{ placed: false, retaken: undefined }]);
  });

  test('have the copy of their own target', () => {
    record(trialKey(4), 10);
    session.record({ ...trialReport(trialKey(8), took(11)), target: 'cpu:avx2' });
    session.recordFinal([{ key: trialKey(4), measurement: timing(20) }], timing(2));
    session.recordFinal([{ key: trialKey(8), measurement: timing(30) }], timing(3));
    const copies = store.winners().map(({ trial, copy }) => [trial.target, copy!.median]);
    expect(Object.fromEntries(copies)).toEqual({ 'cpu:avx512': 2, 'cpu:avx2': 3 });
  });

  test.each([
    [{ problem: 'p_n1' }],
    [{ machine: 'another' }],
    [{ toolchain: { compiler: 'g++ 13.2.0', flags: '-O2' } }],
    [{ threads: 1 }],
  ])('keep their final when a later one is held for %o', (change) => {
    record(trialKey(4), 10);
    record(trialKey(8), 11);
    record(trialKey(8, change), 12);
    session.recordFinal([{ key: trialKey(8), measurement: timing(20) }], timing(2));
    store.begin(RUN).recordFinal([{ key: trialKey(8, change), measurement: timing(30) }], timing(3));
    const medians = store.winners().map(({ copy, measurement }) => [copy!.median, measurement.median]);
    expect(medians.sort()).toEqual([
      [2, 20],
      [3, 30],
    ]);
  });

  test('pass over what is not eligible, finalists and default too', () => {
    record(trialKey(4), 10, true);
    record(trialKey(8), 11);
    record(trialKey(14), 12);
    session.recordFinal([{ key: trialKey(14), measurement: timing(50) }], timing(5));
    const hash = (...stale: readonly string[]) =>
      store.winners({}, ({ sourceHash }) => !stale.includes(sourceHash));
    // The default was not in the final, and its trial's time does not compare.
    expect(hash()[0]).toMatchObject({ measurement: timing(50), default: undefined, copy: timing(5) });
    expect(hash('hash 14')[0]).toMatchObject({ measurement: timing(10), copy: undefined });
    expect(hash('hash 14', 'hash 4')[0]).toMatchObject({ measurement: timing(11), default: undefined });
    expect(hash('hash 14', 'hash 4', 'hash 8')).toEqual([]);
  });
});
