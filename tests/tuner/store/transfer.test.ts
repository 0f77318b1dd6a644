import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../tuner/store/database.js';
import { openStore, type Store } from '../../../tuner/store/store.js';
import { exportTrials, importTrials, readExport } from '../../../tuner/store/transfer.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN, storeOf, testWorld, timing, took, trialKey, trialReport } from '../../support/trials.js';

function filled(path: string, world = testWorld()): Store {
  const store = storeOf(path, world, 1);
  const session = store.begin(RUN);
  session.record(trialReport(trialKey(7), took(50), true));
  session.record(trialReport(trialKey(14), took(40)));
  session.record(
    trialReport(trialKey(8), { kind: 'wrong', reason: 'holes', relativeError: Number.POSITIVE_INFINITY }),
  );
  session.record(trialReport(trialKey(9), { kind: 'hung', reason: 'no answer' }));
  session.recordFinal(
    [7, 14].map((tile) => ({ key: trialKey(tile), measurement: timing(tile) })),
    timing(10),
  );
  return store;
}

/** All but by whom it was taken over. */
const facts = (store: Store) => store.trials().map(({ session, ...rest }) => rest);
const held = (store: Store) =>
  store.finals().map(({ finalists, ...rest }) => ({
    ...rest,
    medians: finalists.map(({ measurement }) => measurement.median),
  }));

describe('export and import', () => {
  it('carry trials and finals over with their times, once', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), openStore(join(folder, 'b.db'))];
    const found = readExport(exportTrials(from), 'a.json');
    expect(importTrials(to, found)).toEqual({ trials: 4, known: 0 });
    expect(importTrials(to, found)).toEqual({ trials: 0, known: 4 });
    expect(facts(to)).toEqual(facts(from));
    expect(to.winners()[0]!.measurement).toEqual(from.winners()[0]!.measurement);
    expect(to.winners()[0]).toMatchObject({ final: true, trial: { kernel: trialKey(7).kernel } });
    expect(held(to)).toEqual(held(from));
    expect(held(to)).toMatchObject([{ copy: timing(10), measured: '2025-11-24T12:00:00.000Z' }]);
    const rows = openDatabase(to.path).prepare('SELECT count(*) FROM final').pluck();
    expect(rows.get()).toBe(1);
    from.close();
    to.close();
  });

  it('do not let an older final outrank a fresher one that is here', () => {
    const folder = temporaryFolder();
    const [early, late] = [testWorld(), testWorld()];
    late.now += 1000;
    const old = filled(join(folder, 'a.db'), early);
    const here = filled(join(folder, 'b.db'), late);
    const fresh = held(here);
    importTrials(here, readExport(exportTrials(old), 'a.json'));
    expect(held(here)).toEqual(fresh);
    importTrials(old, readExport(exportTrials(here), 'b.json'));
    expect(held(old)).toEqual(fresh);
    old.close();
    here.close();
  });

  it.each([
    ['{', /it is not JSON/],
    ['{"kind":"other"}', /kind/],
    ['{"kind":"oriented1d-trials","format":1,"trials":[],"finals":[{"finalists":[]}]}', /finals\.0/],
    ['{"kind":"oriented1d-trials","format":2}', /format/],
    ['{"kind":"oriented1d-trials","format":1,"trials":[{}],"finals":[]}', /trials\.0/],
  ])('refuse %s', (text, reason) => {
    expect(() => readExport(text, 'a.json')).toThrow(reason);
    expect(() => readExport(text, 'a.json')).toThrow(
      expect.objectContaining({ code: 'import-damaged', value: 'a.json', fault: 'user' }),
    );
  });

  it('refuse a final of a kernel that has no trial', () => {
    const store = filled(join(temporaryFolder(), 'a.db'));
    const document = JSON.parse(exportTrials(store));
    store.close();
    document.trials.shift();
    expect(() => readExport(JSON.stringify(document), 'a.json')).toThrow(
      /finals names a kernel that has no trial/,
    );
  });
});
