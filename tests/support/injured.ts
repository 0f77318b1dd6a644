import { expect, vi } from 'vitest';
import { problemName } from '../../generator/name.js';
import { type Problem, problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { cpuTarget } from '../../generator/target.js';
import { type Candidate, candidate } from '../../tuner/candidate.js';
import type { Verdict } from '../../tuner/outcome.js';
import { cpuRig } from '../../tuner/rig/cpu_rig.js';
import { inRounds } from '../../tuner/rig/line.js';
import { type Rig, subjectOf } from '../../tuner/rig/rig.js';
import type { Store } from '../../tuner/store/store.js';
import { Laboratory } from '../../tuner/trial/laboratory.js';
import { type TuneOptions, tune } from '../../tuner/tune.js';
import { quickCompiler } from './quick_compiler.js';
import { temporaryFolder } from './temporary_folder.js';

/** A busy machine starts a worker, 20 times, in half a minute. */
vi.setConfig({ testTimeout: 120_000 });

/** A layer of 24 candidates, small enough for all of them to be tried in seconds. */
export const LAYER = problem({ height: 3, width: 3, kernel: 3, angles: [0], channels: 4, batch: 2 });
const TARGET = cpuTarget('plain');
export const INJURED = 20;

/** What takes the place of a candidate's source, or undefined for a candidate that is left as it is. */
export type Injury = (made: Candidate) => string | undefined;

/** The rig of this processor. */
export async function compilingRig(): Promise<Rig> {
  return cpuRig({ target: TARGET, threads: 1 }, await quickCompiler());
}

/** The same, which has built every candidate of some layers beforehand. */
export async function soundRig(layers: readonly Problem[] = [LAYER]): Promise<Rig> {
  const rig = await compilingRig();
  return builtBefore(
    rig,
    layers.flatMap((layer) => candidatesOf(rig, layer)),
  );
}

/** The same, which has built something else in place of some candidates, under their names and keys. */
export async function brokenRig(injury: Injury, layers: readonly Problem[] = [LAYER]): Promise<Rig> {
  const [rig, sound] = [await compilingRig(), await soundRig(layers)];
  const all = layers.flatMap((layer) => candidatesOf(rig, layer));
  const broken = await builtBefore(
    injuredRig(rig, injury),
    all.filter((made) => injury(made) !== undefined),
  );
  const isBroken = (made: Candidate) => injury(made) !== undefined;
  return {
    ...rig,
    async build(candidates, site) {
      const built = candidates.map((made) => (isBroken(made) ? broken : sound).build([made], site));
      return (await Promise.all(built)).flat();
    },
  };
}

/** Hands candidates on one by one. */
export function oneByOne(rig: Rig): Rig {
  return { ...rig, line: inRounds(1) };
}

/** A rig that builds something else in place of some candidates, under their names and keys. */
export function injuredRig(rig: Rig, injury: Injury): Rig {
  return {
    ...rig,
    async build(candidates, site) {
      const replaced = candidates.map((made) => {
        const text = injury(made);
        return text === undefined ? made : { ...made, source: { ...made.source, text } };
      });
      const originals = new Map(candidates.map((made) => [made.kernel, made]));
      const built = await rig.build(replaced, site);
      return built.map((one) => ({ ...one, candidate: originals.get(one.candidate.kernel)! }));
    },
  };
}

async function builtBefore(rig: Rig, all: readonly Candidate[]): Promise<Rig> {
  const site = { folder: temporaryFolder(), signal: new AbortController().signal };
  const builds = new Map((await rig.build(all, site)).map((one) => [one.candidate.kernel, one]));
  return { ...rig, build: async (candidates) => candidates.map(({ kernel }) => builds.get(kernel)!) };
}

function candidatesOf({ setting }: Rig, layer: Problem): readonly Candidate[] {
  return space(layer, TARGET).candidates.map((schedule) => candidate(schedule, setting));
}

/** The names of `count` candidates of a problem, the default and its neighbours among them, and those of the others. */
export function chosen(layer: Problem, count = INJURED) {
  const names = space(layer, TARGET).candidates.map(({ name }) => name);
  const every = Math.floor(names.length / (names.length - count));
  const sound = names.filter((_, i) => i % every === every - 1).slice(0, names.length - count);
  return { names, sound, injured: new Set(names.filter((name) => !sound.includes(name))) };
}

interface Asked extends Partial<Pick<TuneOptions, 'on'>> {
  readonly problems?: readonly Problem[];
}

/** Tries every candidate of these problems and holds the finals. */
export async function tuneAll(
  store: Store,
  rigs: readonly Rig[],
  { problems = [LAYER], on = () => {} }: Asked = {},
): Promise<void> {
  const isLeft = (layer: Problem) =>
    store.trials({ problem: problemName(layer) }).length < space(layer, TARGET).candidates.length;
  // Time enough on a quiet machine, and no more than that, since finals take a tenth of it; on a busy one it goes on.
  for (let times = 0; times === 0 || (times < 10 && problems.some(isLeft)); times++)
    await tune(problems, {
      ...{ store, rigs, search: 'exhaustive', seed: 1, seconds: 4, more: true, on },
      signal: new AbortController().signal,
    });
}

/** A C++ kernel under a candidate's name that does something else. @param run statements; `call` is what it is called with */
export function kernelThat(run: string, { kernel }: Candidate): string {
  return `#include "oriented1d_kernel.h"
namespace ${kernel}_injured {
int64_t units(const O1dShape*, int64_t) { return 1; }
int64_t none(const O1dShape*) { return 0; }
void pack(const O1dShape*, const float*, const float*, float, float*) {}
${exported(kernel, 'units, none, none, pack', run)}`;
}

/** The same of a candidate's own kernel, which is `sound` to the statements. */
export function soundKernelThat(run: string, { kernel, source }: Candidate): string {
  const own = `${kernel}_own`;
  const members = 'sound.units, sound.packed_floats, sound.scratch_bytes, sound.pack';
  return `${source.text.replaceAll(kernel, own)}
namespace ${kernel}_injured {
const O1dKernel& sound = ${own}_code::${own};
${exported(kernel, members, run)}`;
}

function exported(kernel: string, members: string, run: string): string {
  return `void run(const O1dCall* call) { ${run} (void)call; }
extern "C" const O1dKernel ${kernel};
const O1dKernel ${kernel} = {O1D_ABI, ${members}, run};
}
`;
}

export interface Expected {
  readonly injured: ReadonlySet<string>;
  /** Of those. */
  readonly verdict: Verdict;
  readonly reason: RegExp;
}

/** Every candidate has one row that says what happened to it; the winner is the best of the sound ones, and right. */
export async function expectTrueRecord(store: Store, layer: Problem, expected: Expected): Promise<void> {
  const { injured, verdict, reason } = expected;
  const trials = store.trials({ problem: problemName(layer) });
  const names = space(layer, TARGET).candidates.map(({ name }) => name);
  expect(trials.map(({ kernel }) => kernel).toSorted()).toEqual(names.toSorted());
  for (const { kernel, outcome } of trials) {
    if (!injured.has(kernel)) expect([kernel, outcome.kind]).toEqual([kernel, 'ok']);
    else expect(outcome).toMatchObject({ kind: verdict, reason: expect.stringMatching(reason) });
  }
  await expectBestWinner(store, layer);
}

/** The winner came first in a final that those with the best times took part in; and it is right, as a fresh trial finds. */
async function expectBestWinner(store: Store, layer: Problem): Promise<void> {
  const filter = { problem: problemName(layer) };
  const [winner, ...others] = store.winners(filter);
  const final = store.finals(filter)[0]!;
  expect(others).toEqual([]);
  expect(winner).toMatchObject({ final: true, trial: { outcome: { kind: 'ok' } } });
  expect(final.finalists[0]!.key.kernel).toBe(winner!.trial.kernel);
  const passed = store
    .trials({ ...filter, verdict: 'ok' })
    .flatMap(({ kernel, outcome }) => (outcome.kind === 'ok' ? [[kernel, outcome.measurement.median]] : []))
    .toSorted((a, b) => Number(a[1]) - Number(b[1]));
  expect(final.finalists.map(({ key }) => key.kernel)).toContain(passed[0]![0]);
  await expectSound(layer, winner!.trial.kernel);
}

async function expectSound(layer: Problem, kernel: string): Promise<void> {
  const rig = await compilingRig();
  const schedule = space(layer, TARGET).candidates.find(({ name }) => name === kernel)!;
  const site = { folder: temporaryFolder(), signal: new AbortController().signal };
  const [built] = await rig.build([candidate(schedule, rig.setting)], site);
  if (built?.kind !== 'binary') throw new Error(`the winner does not compile: ${kernel}`);
  const laboratory = new Laboratory(rig.setup(layer, 2)); // other operands than those of the tuning
  const quick = { precision: 1, minSamples: 1, maxSamples: 1, budget: 1000 };
  const outcome = await laboratory.trial(subjectOf(built.candidate, built.path), quick);
  laboratory.close();
  expect(outcome).toMatchObject({ kind: 'ok' });
}
