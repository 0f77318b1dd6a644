import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { cpuTarget } from '../../generator/target.js';
import type { Compiler } from '../../runtime/compiler.js';
import { candidate } from '../../tuner/candidate.js';
import type { TuneEvent } from '../../tuner/event.js';
import { holdFinal } from '../../tuner/final.js';
import { measurement } from '../../tuner/measure/measurement.js';
import type { StoppingRule } from '../../tuner/measure/stopping.js';
import type { Failure } from '../../tuner/outcome.js';
import type { LoadedResources } from '../../tuner/resources.js';
import { cpuRig } from '../../tuner/rig/cpu_rig.js';
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

const CLOCKS = {
  smMHz: { low: 1755, high: 1980 },
  memoryMHz: { low: 3201, high: 3201 },
  temperature: { low: 41, high: 63 },
  throttled: ['power-cap'] as const,
};

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

/** Of twelve rounds. */
const rounds = (microseconds: number) => measurement(new Array(12).fill(microseconds), 1, 'settled');

/** A laboratory in which some kernels crash, or all where there are too many at once. */
function laboratory(
  crashing: readonly string[],
  most = 9,
  time = (_: string, i: number) => rounds(10 + i),
  cheap: ReadonlyMap<string, LoadedResources> = new Map(),
) {
  const asked: (readonly string[])[] = [];
  const incumbents: (number | undefined)[] = [];
  const final = async (
    subjects: readonly Subject[],
    _: StoppingRule,
    incumbent?: number,
  ): Promise<Final | Failure> => {
    const kernels = subjects.map(({ kernel }) => kernel);
    asked.push(kernels);
    incumbents.push(incumbent);
    if (kernels.length > most || kernels.some((kernel) => crashing.includes(kernel)))
      return { kind: 'crashed', reason: 'ended by SIGSEGV' };
    const resources = kernels.map((kernel) => cheap.get(kernel));
    return {
      kind: 'final',
      measurements: kernels.map(time),
      resources,
      copy: rounds(5),
      retaken: 2,
      clocks: CLOCKS,
    };
  };
  return { final, asked, incumbents };
}

const kernels = () => shop.store.finals().flatMap(({ finalists }) => finalists.map(({ key }) => key.kernel));

describe('holdFinal', () => {
  test('times the best with the default, once, and keeps their times with the copy', async () => {
    const all = laboratory([]);
    await holdFinal(shop, all, layer, binaries, 1);
    expect(all.asked).toEqual([[third!.kernel, second!.kernel, first!.kernel]]);
    expect(all.incumbents).toEqual([2]);
    expect(shop.store.winners()).toMatchObject([
      { trial: { kernel: third!.kernel }, measurement: rounds(10), default: rounds(12), copy: rounds(5) },
    ]);
    expect(shop.store.finals()).toMatchObject([{ placed: true, retaken: 2, clocks: CLOCKS }]);
    expect(shop.store.winners()[0]!.clocks).toEqual(CLOCKS);
  });

  test('is won by the default where nothing is known to be faster', async () => {
    const noisy = (_: string, i: number) => timing(10 + i);
    await holdFinal(shop, laboratory([], 9, noisy), layer, binaries, 1);
    expect(kernels()).toEqual([first!.kernel, third!.kernel, second!.kernel]);
    expect(shop.store.winners()).toMatchObject([{ measurement: timing(12), default: timing(12) }]);
  });

  test('is won by the cheaper of two that are as fast', async () => {
    const time = (kernel: string) => rounds(kernel === first!.kernel ? 12 : 10);
    const takes = (sharedBytes: number) => ({ sharedBytes, registers: 40, threads: 128 });
    for (const [second_, third_, winner] of [
      [takes(512), takes(256), third!],
      [takes(256), takes(512), second!],
    ] as const) {
      const cheap = new Map([
        [second!.kernel, second_],
        [third!.kernel, third_],
      ]);
      await holdFinal(shop, laboratory([], 9, time, cheap), layer, binaries, 1);
      expect(shop.store.winners()[0]!.trial.kernel).toBe(winner.kernel);
    }
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
