import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../../tuner/store/session.js';
import type { Store } from '../../../tuner/store/store.js';
import type { TrialKey } from '../../../tuner/store/trial.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN, storeOf, testWorld, timing, took, trialKey, trialReport } from '../../support/trials.js';

let store: Store;
let session: Session;

beforeEach(() => {
  store = storeOf(join(temporaryFolder(), 'trials.db'), testWorld(), 1);
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
        final: false,
        default: timing(30),
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
      of.recordFinal([
        { key: trialKey(4), measurement: timing(four) },
        { key: trialKey(8), measurement: timing(eight) },
      ]);
    const later = store.begin(RUN);
    final(later, 13, 12);
    final(session, 12, 13);
    expect(store.winners()).toMatchObject([
      { trial: { kernel: trialKey(8).kernel }, measurement: timing(12), final: true, default: timing(13) },
    ]);
    const entrants = store.finals().map(({ key, measurement }) => [key.kernel, measurement.median]);
    expect(entrants).toEqual([
      [trialKey(8).kernel, 12],
      [trialKey(4).kernel, 13],
    ]);
    final(later, 12, 13); // a session has one final a kernel: the last
    expect(tiles()).toEqual(['4']);
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
    session.recordFinal([{ key: trialKey(8), measurement: timing(20) }]);
    store.begin(RUN).recordFinal([{ key: trialKey(8, change), measurement: timing(30) }]);
    const medians = store.winners().map(({ final, measurement }) => [final, measurement.median]);
    expect(medians.sort()).toEqual([
      [true, 20],
      [true, 30],
    ]);
  });

  test('pass over what is not eligible, finalists and default too', () => {
    record(trialKey(4), 10, true);
    record(trialKey(8), 11);
    record(trialKey(14), 12);
    session.recordFinal([{ key: trialKey(14), measurement: timing(50) }]);
    const hash = (...stale: readonly string[]) =>
      store.winners({}, ({ sourceHash }) => !stale.includes(sourceHash));
    expect(hash()[0]).toMatchObject({ measurement: timing(50), default: timing(10) });
    expect(hash('hash 14')[0]).toMatchObject({ measurement: timing(10) });
    expect(hash('hash 14', 'hash 4')[0]).toMatchObject({ measurement: timing(11), default: undefined });
    expect(hash('hash 14', 'hash 4', 'hash 8')).toEqual([]);
  });
});
