import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { cpuTarget } from '../../generator/target.js';
import { type Place, staleness } from '../../tuner/staleness.js';
import { isTuned, overtaken, standing } from '../../tuner/standing.js';
import { openStore, type Store } from '../../tuner/store/store.js';
import type { Winner } from '../../tuner/store/winners.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { smallLayer, tuned } from '../support/tuned.js';

const layer = smallLayer(7);
const target = cpuTarget('plain');
const HERE = { machine: 'here', target, toolchain: { compiler: 'a compiler', flags: '' } };
const SETTING = { ...HERE, threads: 1 };

let store: Store;
let winner: Winner;

beforeEach(() => {
  store = openStore(join(temporaryFolder(), 'trials.db'));
  onTestFinished(() => store.close());
  tuned(store, { problem: layer, target: 'cpu:plain', machine: 'here' });
  winner = store.winners()[0]!;
});

const at = (change: Partial<Place>): readonly Place[] => [{ ...HERE, ...change }];

it('says nothing of a winner that stands, nor of one whose compiler is not here', () => {
  expect(staleness(winner, [HERE])).toEqual([]);
  expect(staleness(winner, at({ toolchain: undefined }))).toEqual([]);
});

it.each<[string, readonly Place[]]>([
  ['measured on another machine', at({ machine: 'there' })],
  ['measured on another machine', at({ target: cpuTarget('avx2') })],
  ['compiled by a compiler, and here is another', at({ toolchain: { compiler: 'another', flags: '' } })],
  ['compiled with other flags', at({ toolchain: { compiler: 'a compiler', flags: '-O3' } })],
])('says %s', (reason, here) => {
  expect(staleness(winner, here)).toEqual([reason]);
});

it('tells a driver from a compiler', () => {
  const on = (driver: string) => ({ compiler: `nvcc 13.0, driver ${driver}`, flags: '' });
  const then = { ...winner, trial: { ...winner.trial, toolchain: on('12.4') } };
  expect(staleness(then, at({ toolchain: on('13.0') }))).toEqual([
    'measured with driver 12.4, and here is 13.0',
  ]);
});

it('says that the generator has gone on, in text, schedules or names', () => {
  const { trial } = winner;
  const change = (change: Partial<typeof trial>) => ({ ...winner, trial: { ...trial, ...change } });
  expect(staleness(change({ sourceHash: 'of another text' }), [HERE])).toEqual([
    'the generator writes another text',
  ]);
  expect(staleness(change({ kernel: `${trial.kernel}_z1` }), [HERE])).toEqual([
    'the generator writes another text',
  ]);
  expect(staleness({ ...winner, space: 'another' }, [HERE])).toEqual([
    'there are other schedules to choose from',
  ]);
  expect(staleness({ ...winner, space: undefined }, [HERE])).toEqual([
    'chosen from schedules of an unknown version',
  ]);
});

it('a final that was chosen from other schedules leaves its problem untuned', () => {
  const stands = standing(store, SETTING, layer);
  expect(isTuned(stands, target)).toBe(true);
  expect(isTuned({ ...stands, winner: { ...winner, space: 'another' } }, target)).toBe(false);
});

it('finals that no longer count are told, unless another one does', () => {
  const newer = { ...SETTING, toolchain: { compiler: 'another', flags: '' } };
  expect(overtaken(store, SETTING, layer)).toEqual([]);
  expect(overtaken(store, newer, layer)).toEqual(['compiled by a compiler, and here is another']);
  expect(overtaken(store, { ...newer, machine: 'there' }, layer)).toEqual([]);
  expect(overtaken(store, newer, smallLayer(8))).toEqual([]);
});
