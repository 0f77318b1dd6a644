import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../tuner/store/store.js';
import { exportTrials, importTrials } from '../../../tuner/store/transfer.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN, timing, took, trialKey, trialReport } from '../../support/trials.js';

function filled(path: string): Store {
  const store = openStore(path);
  const session = store.begin(RUN);
  session.record(trialReport(trialKey(7), took(50), true));
  session.record(trialReport(trialKey(14), took(40)));
  session.record(
    trialReport(trialKey(8), { kind: 'wrong', reason: 'holes', relativeError: Number.POSITIVE_INFINITY }),
  );
  session.record(trialReport(trialKey(9), { kind: 'hung', reason: 'no answer' }));
  session.recordFinal([7, 14].map((tile) => ({ key: trialKey(tile), measurement: timing(tile) })));
  const { problem, machine, threads } = trialKey(7);
  session.recordYardstick({ problem, machine, threads }, timing(10));
  return store;
}

/** All but when and by whom it was taken over. */
const facts = (store: Store) => store.trials().map(({ finished, session, ...rest }) => rest);

describe('export and import', () => {
  it('carry trials, finals and yardsticks over, once', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), openStore(join(folder, 'b.db'))];
    const text = exportTrials(from);
    expect(importTrials(to, text, 'a.json')).toEqual({ trials: 4, known: 0 });
    expect(importTrials(to, text, 'a.json')).toEqual({ trials: 0, known: 4 });
    expect(facts(to)).toEqual(facts(from));
    expect(to.winners()[0]!.measurement).toEqual(from.winners()[0]!.measurement);
    expect(to.winners()[0]).toMatchObject({ final: true, trial: { kernel: trialKey(7).kernel } });
    const { problem, machine, threads } = trialKey(7);
    expect(to.yardstick({ problem, machine, threads })).toEqual(timing(10));
    from.close();
    to.close();
  });

  it.each([
    ['{', /it is not JSON/],
    ['{"kind":"other"}', /kind/],
    ['{"kind":"oriented1d-trials","format":2}', /format/],
    ['{"kind":"oriented1d-trials","format":1,"trials":[{}],"finals":[],"yardsticks":[]}', /trials\.0/],
  ])('refuse %s and write nothing', (text, reason) => {
    const store = openStore(join(temporaryFolder(), 'b.db'));
    expect(() => importTrials(store, text, 'a.json')).toThrow(reason);
    expect(store.sessions()).toEqual([]);
    store.close();
  });
});
