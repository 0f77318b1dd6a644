import { type Problem, problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { readTarget } from '../../generator/target.js';
import { candidate } from '../../tuner/candidate.js';
import type { Outcome } from '../../tuner/outcome.js';
import { type Reproducible, readReport } from '../../tuner/report/read_report.js';
import type { Commands, Report } from '../../tuner/report/report.js';
import { connect } from '../../tuner/store/database.js';
import { Store } from '../../tuner/store/store.js';
import { realWorld } from '../../tuner/store/world.js';
import { RUN, took } from './trials.js';
import { smallLayer, tuned } from './tuned.js';

export const CPU = { target: 'cpu:avx2', machine: 'A <CPU> & more', threads: 2 };
export const GPU = { target: 'cuda:sm_90', machine: 'a GPU' };

/** Directions of a layer in which a tile is of every shape. */
export const TURNED = problem({ height: 12, width: 12, kernel: 5, angles: [0, 22.5, 45], channels: 48 });

/** What failed trials of {@link fill} say. */
export const FAILURES: readonly Exclude<Outcome, { kind: 'ok' }>[] = [
  { kind: 'refused-by-compiler', reason: `x.cpp:1: error: no 'a<b>' & no "c"` },
  { kind: 'wrong', reason: 'the relative error is 0.5', relativeError: Number.NaN },
  { kind: 'crashed', reason: 'by SIGSEGV' },
  { kind: 'crashed', reason: 'by SIGSEGV' },
  { kind: 'hung', reason: 'no answer within 20 s' },
  { kind: 'failed', reason: 'out of memory' },
];

/** What became of a layer, told by its size. */
export const LAYER = {
  won: smallLayer(7),
  failed: smallLayer(9),
  trialOnly: smallLayer(11),
  old: smallLayer(13),
};

/** An empty database that lies in no file. */
export function memoryStore(): Store {
  return new Store(connect(':memory:'), realWorld(), 'trials.db');
}

/** Records a row of every kind: won, with a final and failures; all failed; no final yet; an old kernel. */
export function fill(store: Store): Store {
  tuned(store, { problem: LAYER.won, ...CPU, time: 10 });
  for (const [i, outcome] of FAILURES.entries()) record(store, LAYER.won, 2 + i, outcome);
  record(store, LAYER.failed, 0, FAILURES[0]!);
  record(store, LAYER.trialOnly, 1, took(30));
  record(store, LAYER.old, 0, took(40), 'the hash of another text');
  tuned(store, { problem: TURNED, ...CPU, time: 6 });
  tuned(store, { problem: LAYER.won, ...GPU, time: 4 });
  return store;
}

function record(store: Store, layer: Problem, index: number, outcome: Outcome, hash?: string): void {
  const toolchain = { compiler: 'a compiler', flags: '' };
  const { target, machine, threads } = CPU;
  const setting = { target: readTarget(target), toolchain, machine, threads };
  const { schedule, source: _, ...key } = candidate(space(layer, setting.target).candidates[index]!, setting);
  const { params } = schedule;
  const own = hash === undefined ? key : { ...key, sourceHash: hash };
  store.begin(RUN).record({ ...own, target, params, isDefault: index === 0, outcome });
}

export const MADE = '2026-11-24T12:34:56.000Z';

export function commandsOf({ target, threads, run, kernel }: Reproducible): Commands {
  return {
    tune: `tune --target ${target} --threads ${threads} --seed ${run.seed}`,
    generate: kernel && `generate --filter ${kernel}`,
  };
}

/** The report of what {@link fill} records. */
export function sampleReport(problems?: readonly string[]): Report {
  return readReport(fill(memoryStore()), { problems, made: MADE, commands: commandsOf });
}
