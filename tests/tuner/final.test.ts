import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { problem } from '../../generator/problem.js';
import { cpuTarget } from '../../generator/target.js';
import type { Compiler } from '../../runtime/compiler.js';
import { candidate } from '../../tuner/candidate.js';
import type { TuneEvent } from '../../tuner/event.js';
import { holdFinal } from '../../tuner/final.js';
import type { Failure } from '../../tuner/outcome.js';
import { cpuRig } from '../../tuner/rig/cpu_rig.js';
import { space } from '../../tuner/space.js';
import type { Final, Subject } from '../../tuner/trial/protocol.js';
import type { Workshop } from '../../tuner/workshop.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { RUN, storeOf, testWorld, timing, took } from '../support/trials.js';

const target = cpuTarget('plain');
const layer = problem({ height: 7, width: 7, kernel: 3, angles: [0], channels: 16 });
const setting = { target, toolchain: { compiler: 'g++', flags: '' }, machine: 'a machine', threads: 1 };
const [first, second, third] = space(layer, target)
  .candidates.slice(0, 3)
  .map((schedule) => candidate(schedule, setting));
const none: Compiler = { kind: 'compiler', version: 'none', brand: 'gcc', command: ['false'] };
const binaries = new Map([first, second, third].map((one) => [one!.kernel, '/no/such/file']));

let shop: Workshop;
let events: TuneEvent[];

beforeEach(() => {
  const store = storeOf(join(temporaryFolder(), 'trials.db'), testWorld(), 1);
  onTestFinished(() => store.close());
  events = [];
  shop = {
    ...{ store, session: store.begin(RUN), rig: { ...cpuRig({ target, threads: 1 }, none), setting } },
    folder: '/no/such/folder',
    ...{ search: 'random', seed: 1, signal: new AbortController().signal, on: (event) => events.push(event) },
  };
  for (const [i, made] of [first!, second!, third!].entries()) {
    const { schedule, source, ...key } = made;
    const report = {
      ...key,
      target: 'cpu:plain',
      params: schedule.params,
      isDefault: i === 0,
      outcome: took(30 - i),
    };
    shop.session.record(report);
  }
});

/** A laboratory in which some kernels crash, or all where there are too many at once. */
function laboratory(crashing: readonly string[], most = 9) {
  const asked: (readonly string[])[] = [];
  const final = async (subjects: readonly Subject[]): Promise<Final | Failure> => {
    const kernels = subjects.map(({ kernel }) => kernel);
    asked.push(kernels);
    if (kernels.length > most || kernels.some((kernel) => crashing.includes(kernel)))
      return { kind: 'crashed', reason: 'ended by SIGSEGV' };
    return { kind: 'final', measurements: kernels.map((_, i) => timing(10 + i)), copy: timing(5) };
  };
  return { final, asked };
}

const kernels = () => shop.store.finals().flatMap(({ finalists }) => finalists.map(({ key }) => key.kernel));

describe('holdFinal', () => {
  test('times the best with the default, once, and keeps their times with the copy', async () => {
    const all = laboratory([]);
    await holdFinal(shop, all, layer, binaries, 1);
    expect(all.asked).toEqual([[third!.kernel, second!.kernel, first!.kernel]]);
    expect(shop.store.winners()).toMatchObject([
      { trial: { kernel: third!.kernel }, measurement: timing(10), default: timing(12), copy: timing(5) },
    ]);
  });

  test('is held again without those that fail alone', async () => {
    await holdFinal(shop, laboratory([third!.kernel]), layer, binaries, 1);
    expect(kernels()).toEqual([second!.kernel, first!.kernel]);
    expect(events).toEqual([{ kind: 'final', kernels: 3 }]);
  });

  test.each([
    ['all of them fail', laboratory([first!, second!, third!].map(({ kernel }) => kernel)), 4],
    ['they only fail together', laboratory([], 1), 5],
  ])('tells that there is none where %s', async (_, failing, asked) => {
    await holdFinal(shop, failing, layer, binaries, 1);
    expect(kernels()).toEqual([]);
    expect(failing.asked).toHaveLength(asked);
    expect(events.at(-1)).toEqual({ kind: 'no-final', reason: 'ended by SIGSEGV' });
  });
});
