import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../tuner/store/database.js';
import { readExport } from '../../../tuner/store/export_file.js';
import { openStore, type Store } from '../../../tuner/store/store.js';
import { exportTrials, importTrials } from '../../../tuner/store/transfer.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { RUN, storeOf, testWorld, timing, took, trialKey, trialReport } from '../../support/trials.js';

const CLOCKS = {
  smMHz: { low: 1755, high: 1980 },
  memoryMHz: { low: 3201, high: 3201 },
  temperature: { low: 41, high: 63 },
  throttled: ['power-cap'] as const,
};

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
    { placed: true, retaken: 1, space: 'a version', clocks: CLOCKS },
  );
  return store;
}

/** All but by whom it was taken over. */
const facts = (store: Store) => store.trials().map(({ session, ...rest }) => rest);
const held = (store: Store) =>
  store.finals().map(({ finalists, session, ...rest }) => ({
    ...rest,
    medians: finalists.map(({ measurement }) => measurement.median),
  }));

/** Every row of a store. */
function dump(store: Store): object {
  const db = openDatabase(store.path);
  const tables = [
    'machine',
    'toolchain',
    'session',
    'trial',
    'final',
    'finalist',
    'claim',
    'sqlite_sequence',
  ];
  const rows = tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]);
  db.close();
  return Object.fromEntries(rows);
}

/** Who made each trial, as told by the store that has it. */
const makers = (store: Store) =>
  store.trials().map(({ kernel, session }) => {
    const { id, ...maker } = store.sessions().find((one) => one.id === session)!;
    return { kernel, ...maker };
  });

describe('export and import', () => {
  it('keep who made a trial or held a final, also on the way through a third store', () => {
    const folder = temporaryFolder();
    const from = filled(join(folder, 'a.db'));
    from.begin({ ...RUN, seed: 8 }).record(trialReport(trialKey(10), took(30)));
    from.begin({ ...RUN, seed: 9 }); // it made nothing
    const [over, to] = ['b.db', 'c.db'].map((name) => openStore(join(folder, name))) as [Store, Store];
    over.begin(RUN);
    importTrials(over, readExport(exportTrials(from), 'a.json'));
    importTrials(to, readExport(exportTrials(over), 'b.json'));
    expect(makers(to)).toEqual(makers(from));
    expect(makers(to).map(({ seed }) => seed)).toEqual([7, 7, 7, 7, 8]);
    expect(to.sessions()).toHaveLength(2);
    expect(to.sessions().find(({ id }) => id === to.finals()[0]!.session)).toMatchObject({
      host: 'here',
      pid: 1,
      seed: 7,
    });
    for (const store of [from, over, to]) store.close();
  });

  it('learn when a session ended that was running at the first export', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), openStore(join(folder, 'b.db'))];
    importTrials(to, readExport(exportTrials(from), 'a.json'));
    expect(to.sessions().map(({ ended }) => ended)).toEqual([null]);
    from.close();
    const later = openStore(join(folder, 'a.db'));
    importTrials(to, readExport(exportTrials(later), 'a.json'));
    expect(to.sessions().map(({ ended }) => ended)).toEqual(['2025-11-24T12:00:00.000Z']);
    later.close();
    to.close();
  });

  it('tell of trials that were made in both stores, of which those that are here stay', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), storeOf(join(folder, 'b.db'), testWorld(), 2)];
    const session = to.begin(RUN);
    session.record(trialReport(trialKey(7), took(99)));
    session.record(trialReport(trialKey(9), { kind: 'crashed', reason: 'a fault' }));
    const before = facts(to);
    const { trials, known, conflicts } = importTrials(to, readExport(exportTrials(from), 'a.json'));
    expect({ trials, known }).toEqual({ trials: 2, known: 0 });
    expect(conflicts).toEqual([
      { key: trialKey(7), here: took(99), there: took(50) },
      {
        key: trialKey(9),
        here: { kind: 'crashed', reason: 'a fault' },
        there: { kind: 'hung', reason: 'no answer' },
      },
    ]);
    expect(facts(to).slice(0, 2)).toEqual(before);
    from.close();
    to.close();
  });

  it('take over all or nothing', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), openStore(join(folder, 'b.db'))];
    const found = readExport(exportTrials(from), 'a.json');
    const before = dump(to);
    const broken = {
      ...found,
      trials: [...found.trials, { ...found.trials[0]!, kernel: 'another', threads: 0 }],
    };
    expect(() => importTrials(to, broken)).toThrow();
    expect(dump(to)).toEqual(before);
    from.close();
    to.close();
  });

  it('read exports of before sessions were in them, and then change nothing the second time either', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), openStore(join(folder, 'b.db'))];
    const { sessions, trials, finals } = JSON.parse(exportTrials(from));
    expect(sessions).toHaveLength(1);
    const without = (all: { session: number }[]) => all.map(({ session, ...rest }) => rest);
    const old = { kind: 'oriented1d-trials', format: 1, trials: without(trials), finals: without(finals) };
    const found = readExport(JSON.stringify(old), 'a.json');
    expect(importTrials(to, found)).toMatchObject({ trials: 4, known: 0 });
    expect(makers(to).map(({ search }) => search)).toEqual(['import', 'import', 'import', 'import']);
    const once = dump(to);
    expect(importTrials(to, found)).toMatchObject({ trials: 0, known: 4 });
    expect(dump(to)).toEqual(once);
    from.close();
    to.close();
  });

  it('carry trials and finals over with their times, once', () => {
    const folder = temporaryFolder();
    const [from, to] = [filled(join(folder, 'a.db')), openStore(join(folder, 'b.db'))];
    const found = readExport(exportTrials(from), 'a.json');
    expect(importTrials(to, found)).toEqual({ trials: 4, known: 0, conflicts: [] });
    const once = dump(to);
    expect(importTrials(to, found)).toEqual({ trials: 0, known: 4, conflicts: [] });
    expect(dump(to)).toEqual(once);
    expect(facts(to)).toEqual(facts(from));
    expect(to.winners()[0]!.measurement).toEqual(from.winners()[0]!.measurement);
    expect(to.winners()[0]).toMatchObject({ final: true, trial: { kernel: trialKey(7).kernel } });
    expect(held(to)).toEqual(held(from));
    expect(held(to)).toMatchObject([
      { copy: timing(10), measured: '2025-11-24T12:00:00.000Z', placed: true, retaken: 1 },
    ]);
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
    ['{"kind":"oriented1d-trials","format":3}', /format/],
    ['{"kind":"oriented1d-trials","format":2,"trials":[],"finals":[],"sessions":[{}]}', /sessions\.0/],
    ['{"kind":"oriented1d-trials","format":1,"trials":[{}],"finals":[]}', /trials\.0/],
  ])('refuse %s', (text, reason) => {
    expect(() => readExport(text, 'a.json')).toThrow(reason);
    expect(() => readExport(text, 'a.json')).toThrow(
      expect.objectContaining({ code: 'import-damaged', value: 'a.json', fault: 'user' }),
    );
  });

  it('refuse a trial of a session that is not listed', () => {
    const store = filled(join(temporaryFolder(), 'a.db'));
    const document = JSON.parse(exportTrials(store));
    store.close();
    document.trials[2].session = 1;
    expect(() => readExport(JSON.stringify(document), 'a.json')).toThrow(/sessions are fewer than trials/);
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

describe('an export is read', () => {
  const changed = (change: (params: Record<string, unknown>) => void, kernel?: string) => {
    const document = JSON.parse(exportTrials(filled(join(temporaryFolder(), 'a.db')))) as {
      trials: { kernel: string; params: Record<string, unknown> }[];
      finals: unknown[];
    };
    if (kernel !== undefined) Object.assign(document.trials[3]!, { kernel });
    change(document.trials[3]!.params);
    return JSON.stringify(document);
  };

  it('unless a trial has a parameter that no family has, or not its own', () => {
    expect(
      readExport(
        changed(() => {}),
        'a.json',
      ).trials,
    ).toHaveLength(4);
    const tile = changed((params) => Object.assign(params, { tile: 14 }));
    expect(() => readExport(tile, 'a.json')).toThrow(
      /^'a\.json': not an export of trials: trials\.3\.params has 'tile', which is no parameter of any kernel's family; /,
    );
    const images = (params: Record<string, unknown>) => Object.assign(params, { images: 4 });
    expect(() => readExport(changed(images), 'a.json')).toThrow(/trials\.3\.params has 'images'/);
    const unknown = changed(images, 'layer__cuda_of_tomorrow_t7');
    expect(readExport(unknown, 'a.json').trials[3]!.params).toMatchObject({ images: 4 });
  });

  it('with a byte order mark before it', () => {
    expect(readExport(`\uFEFF${changed(() => {})}`, 'a.json').trials).toHaveLength(4);
  });
});
