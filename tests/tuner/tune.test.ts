import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problemName } from '../../generator/name.js';
import { problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { cpuTarget } from '../../generator/target.js';
import { type Compiler, findCompiler } from '../../runtime/compiler.js';
import type { TuneEvent } from '../../tuner/event.js';
import { harvest } from '../../tuner/harvest.js';
import { cpuRig } from '../../tuner/rig/cpu_rig.js';
import { openDatabase } from '../../tuner/store/database.js';
import { openStore, Store } from '../../tuner/store/store.js';
import { realWorld } from '../../tuner/store/world.js';
import { type TuneOptions, tune } from '../../tuner/tune.js';
import { rememberingRigs } from '../support/remembering_rig.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { RUN, timing } from '../support/trials.js';

const small = problem({ height: 7, width: 7, kernel: 3, angles: [0], channels: 16 });
const other = problem({ height: 5, width: 5, kernel: 3, angles: [45], channels: 16 });

const rigOf = (compiler: Compiler) => cpuRig({ target: cpuTarget('plain'), threads: 1 }, compiler);
const remembering = rememberingRigs();

async function options(folder: string, change: Partial<TuneOptions> = {}): Promise<TuneOptions> {
  return {
    store: openStore(join(folder, 'trials.db')),
    rigs: [remembering(rigOf((await findCompiler())!))],
    search: 'exhaustive',
    seed: 1,
    seconds: 0.01,
    more: false,
    signal: new AbortController().signal,
    on: () => {},
    ...change,
  };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('tune', () => {
  it('tries the default first, holds a final with it and the copy, and keeps all of it', async () => {
    const folder = temporaryFolder();
    const events: TuneEvent[] = [];
    const set = await options(folder, { on: (event) => events.push(event) });
    const [result] = await tune([small], set);
    const trials = events.filter((event) => event.kind === 'trial');
    expect(trials[0]).toMatchObject({ isDefault: true, outcome: { kind: 'ok' } });
    expect(trials.length).toBeGreaterThan(1);
    expect(result).toMatchObject({ trials: trials.length, failures: 0, winner: { final: true } });
    expect(result!.winner!.measurement.median).toBeLessThanOrEqual(result!.winner!.default!.median);
    expect(result!.winner!.copy!.median).toBeGreaterThan(0);
    set.store.close();
  });

  it('tries what would run without it early, so that it never ends behind that', async () => {
    const compiler = await findCompiler();
    const { candidates } = space(small, rigOf(compiler!).setting.target);
    const incumbent = candidates.at(-1)!;
    const tried: string[] = [];
    const set = await options(temporaryFolder(), {
      incumbent: (asked) => (asked === small ? incumbent : undefined),
      on: (event) => event.kind === 'trial' && tried.push(event.kernel),
    });
    await tune([small], set);
    expect(tried.indexOf(incumbent.name)).toBe(1);
    set.store.close();
  });

  it.each([
    { ...small, op: 'wgrad' },
    { ...small, op: 'backward', stride: 2 },
    { ...small, op: 'dgrad', stride: 2 },
  ] as const)('tries kernels of $op as well, each of them sound, and holds a final', async (spec) => {
    const set = await options(temporaryFolder());
    const [result] = await tune([problem(spec)], set);
    expect(set.store.trials().map(({ outcome }) => outcome.kind)).not.toContain('wrong');
    expect(result).toMatchObject({ failures: 0, winner: { final: true } });
    expect(result!.winner!.trial.kernel.startsWith(`${spec.op}_nhwc_f32_7x7_`)).toBe(true);
    expect(result!.winner!.copy!.median).toBeGreaterThan(0);
    set.store.close();
  });

  it('builds in a folder of its own and leaves nothing there, nor in the cache', async () => {
    const [folder, temporary, cache] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    vi.stubEnv('TMPDIR', temporary);
    vi.stubEnv('ORIENTED1D_CACHE', cache);
    let inUse = 0;
    const set = await options(folder, {
      rigs: [rigOf((await findCompiler())!)],
      on: ({ kind }) => {
        if (kind === 'trial') inUse = Math.max(inUse, readdirSync(temporary, { recursive: true }).length);
      },
    });
    await tune([small], set);
    expect(inUse).toBeGreaterThan(1);
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(cache)).toEqual([]);
    vi.stubEnv('TMPDIR', join(folder, 'absent'));
    await expect(tune([small], set)).rejects.toMatchObject({ code: 'no-temporary-folder' });
    set.store.close();
  });

  it('takes $CXX with other arguments for another toolchain', async () => {
    const set = await options(temporaryFolder());
    const compiler = (await findCompiler())!;
    const piped = rigOf({ ...compiler, command: [...compiler.command, '-pipe'] });
    await tune([small], set);
    const [result] = await tune([small], { ...set, rigs: [piped] });
    expect(result!.trials).toBeGreaterThan(0);
    const flags = new Set(set.store.trials().map(({ toolchain }) => toolchain.flags));
    expect([...flags].map((text) => text.split(' ').slice(0, 2))).toEqual([
      [process.arch, '-O2'],
      [process.arch, '-pipe'],
    ]);
    expect(set.store.trials()).toHaveLength(2 * result!.trials);
    set.store.close();
  });

  it.each([
    [
      'compiler-no-room',
      "echo 'x.cpp: fatal error: error writing to /tmp/a.s: No space left on device' >&2; exit 1",
    ],
    ['compiler-ended', 'kill -9 $$'],
  ])('holds no kernel responsible for %s', async (code, script) => {
    const real = (await findCompiler())!;
    const set = await options(temporaryFolder(), {
      rigs: [rigOf({ ...real, command: ['sh', '-c', script] })],
    });
    await expect(tune([small], set)).rejects.toMatchObject({ code });
    expect(set.store.trials()).toEqual([]);
    set.store.close();
  });

  it('leaves a tuned problem alone, unless told to go on, and then measures no trial twice', async () => {
    const folder = temporaryFolder();
    const set = await options(folder);
    await tune([small], set);
    const first = set.store.trials();
    await tune([small], set);
    expect(set.store.trials()).toEqual(first);
    await tune([small], { ...set, more: true });
    const second = set.store.trials();
    expect(second.length).toBeGreaterThan(first.length);
    expect(second.slice(0, first.length)).toEqual(first);
    expect(new Set(second.map(({ kernel }) => kernel)).size).toBe(second.length);
    set.store.close();
  });

  it('tunes again what another compiler had tuned, or what was chosen from other schedules, and says so', async () => {
    const reasons: unknown[] = [];
    const set = await options(temporaryFolder(), {
      on: (event) => event.kind === 'stale' && reasons.push(event.reasons),
    });
    await tune([small], set);
    await tune([small], set);
    expect(reasons).toEqual([]);
    const compiler = { ...(await findCompiler())!, version: 'g++ 99' };
    await tune([small], { ...set, rigs: [remembering(rigOf(compiler))] });
    expect(reasons).toEqual([[expect.stringMatching(/^compiled by .*, and here is g\+\+ 99$/)]]);
    const { trial } = set.store.winners({ toolchain: set.rigs[0]!.setting.toolchain })[0]!;
    const session = set.store.begin(RUN);
    session.recordFinal([{ key: trial, measurement: timing(7) }], timing(5), { space: 'another' });
    await tune([small], { ...set, seconds: 0.01 });
    const finals = set.store.finals({ toolchain: set.rigs[0]!.setting.toolchain });
    expect(finals[0]!.space).toMatch(/^[0-9a-f]{12}$/);
    set.store.close();
  });

  it('ends after the trial in hand when it is told to, and goes on later', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const set = await options(folder);
    const ended = await tune([small, other], {
      ...set,
      signal: controller.signal,
      on: ({ kind }) => kind === 'trial' && controller.abort(),
    });
    expect(ended.map(({ trials }) => trials)).toEqual([1, 0]);
    expect(ended.every(({ winner }) => !winner?.final)).toBe(true);
    const all = await tune([small, other], set);
    expect(all.every(({ winner }) => winner?.final)).toBe(true);
    set.store.close();
  });

  it('records what the compiler refuses, alone, and goes on with the rest', async () => {
    const folder = temporaryFolder();
    const real = (await findCompiler())!;
    // A compiler that does not like one candidate.
    const script = `text=$(cat); case "$text" in *_t4_l4_*) echo 'x.cpp:1: error: no' >&2; exit 1;; esac; printf '%s' "$text" | g++ "$@"`;
    const compiler: Compiler = { ...real, version: 'picky', command: ['sh', '-c', script, 'sh'] };
    const controller = new AbortController();
    let isRefused = false;
    const set = await options(folder, {
      rigs: [rigOf(compiler)],
      seconds: 60,
      signal: controller.signal,
      on: (event) => {
        if (event.kind !== 'trial') return;
        if (isRefused && event.outcome.kind === 'ok') controller.abort();
        isRefused ||= event.outcome.kind === 'refused-by-compiler';
      },
    });
    const [result] = await tune([small], set);
    expect(controller.signal.aborted).toBe(true);
    const refused = set.store.trials({ verdict: 'refused-by-compiler' });
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ kernel }) => kernel.includes('_t4_l4_'))).toBe(true);
    expect(result!.failures).toBe(refused.length);
    expect(result!.winner?.trial.kernel).not.toContain('_t4_l4_');
    set.store.close();
  });

  it('tunes as many problems side by side as there are rigs, and gives each its part of the time', async () => {
    const rig = remembering(rigOf((await findCompiler())!));
    const events: string[] = [];
    const set = await options(temporaryFolder(), {
      rigs: [rig, rig],
      on: ({ kind }, number) => {
        if (kind === 'problem' || kind === 'tuned') events.push(`${kind} ${number}`);
      },
    });
    const results = await tune([small, other, { ...small, batch: 2 }], set);
    expect(results.every(({ winner }) => winner?.final)).toBe(true);
    expect(events.slice(0, 2)).toEqual(['problem 0', 'problem 1']);
    expect(events.filter((event) => event.startsWith('tuned'))).toHaveLength(3);
    const keys = set.store.trials().map(({ problem, kernel }) => `${problem} ${kernel}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(set.store.sessions()).toHaveLength(1);
    set.store.close();
  });

  it('gives the time that it kept back to problems that have had their part, and none for what is exhausted', async () => {
    // A minute in which compilers take half of it at a time, and nothing else takes any time.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const taken: (readonly [index: number, count: number])[] = [];
    const done: string[] = [];
    const set = await options(temporaryFolder(), {
      seconds: 60,
      on: (event) => {
        if (event.kind === 'building') now += 30_000;
        if (event.kind === 'problem') taken.push([event.index, event.count]);
        if (event.kind === 'tuned') done.push(problemName(event.result.problem));
      },
    });
    const none = { ...small, op: 'dgrad' } as const;
    // Far from the time of a copy, so that something is to be gained.
    const slow = problem({ ...small, height: 28, width: 28 });
    await tune([none, slow], set);
    expect(done).toEqual([none, slow].map(problemName));
    expect(taken).toEqual([
      [0, 2],
      [1, 2],
      [1, 2],
    ]);
    set.store.close();
  });

  it('makes no trial twice where two rigs have one problem in hand', async () => {
    const rig = remembering(rigOf((await findCompiler())!));
    const controller = new AbortController();
    const set = await options(temporaryFolder(), { rigs: [rig, rig], seconds: 60 });
    const tried = [0, 0];
    await tune([small, small], {
      ...set,
      signal: controller.signal,
      on: ({ kind }, number) => {
        if (kind === 'trial') tried[number]!++;
        if (Math.min(...tried) >= 4) controller.abort();
      },
    });
    expect(Math.min(...tried)).toBeGreaterThanOrEqual(4);
    const kernels = set.store.trials().map(({ kernel }) => kernel);
    expect(new Set(kernels).size).toBe(kernels.length);
    set.store.close();
  });

  it('stops all rigs when one of them fails', async () => {
    const real = (await findCompiler())!;
    const broken = rigOf({ ...real, command: ['sh', '-c', 'kill -9 $$'] });
    const set = await options(temporaryFolder(), { rigs: [rigOf(real), broken], seconds: 600 });
    await expect(tune([small, other], set)).rejects.toMatchObject({ code: 'compiler-ended' });
    expect(set.store.trials({ problem: 'fprop_nhwc_f32_5x5_s1_k3_a45_c16_n1' })).toEqual([]);
    set.store.close();
  });

  it('finds nothing for what no family serves', async () => {
    const set = await options(temporaryFolder());
    const [result] = await tune([{ ...small, op: 'dgrad' }], set);
    expect(result).toMatchObject({ winner: undefined, trials: 0 });
    set.store.close();
  });

  it('gives winners of finals to a library, with their provenance', async () => {
    const set = await options(temporaryFolder());
    await tune([small, { ...small, batch: 2 }, other], set);
    const machine = set.store.trials()[0]!.machine;
    const { kernels } = harvest(set.store, { machine });
    expect(kernels.map(({ entry }) => entry.provenance.batch).toSorted()).toEqual([1, 2]); // of two batches the larger
    expect(harvest(set.store, { machine: 'another' })).toEqual({
      kernels: [],
      passedOver: [{ machine, target: 'cpu:plain' }],
    });
    for (const { entry, source } of kernels) {
      expect(source).toContain(entry.name);
      expect(entry.provenance).toMatchObject({
        machine,
        threads: 1,
        compiler: set.rigs[0]!.setting.toolchain.compiler,
      });
      expect(entry.provenance.median).toBeLessThanOrEqual(entry.provenance.default!);
    }
    set.store.close();
  });

  it('gives a library no time of a default that was not in the final, and the time of the final', async () => {
    const folder = temporaryFolder();
    const set = await options(folder);
    await tune([small], set);
    const { trial } = set.store.winners()[0]!;
    const later = new Store(openDatabase(join(folder, 'trials.db')), {
      ...realWorld(),
      now: () => Date.UTC(2100, 0, 1),
    });
    const session = later.begin(RUN);
    session.recordFinal([{ key: trial, measurement: timing(7) }], timing(5));
    const { provenance } = harvest(later, { machine: trial.machine }).kernels[0]!.entry;
    expect(provenance).toMatchObject({ median: 7, copy: 5, measured: '2100-01-01T00:00:00.000Z' });
    expect('default' in provenance).toBe(trial.isDefault);
    later.close();
    set.store.close();
  });
});
