import { beforeAll, expect, test } from 'vitest';
import { problemName } from '../../../generator/name.js';
import type { Problem } from '../../../generator/problem.js';
import { readReport } from '../../../tuner/report/read_report.js';
import type { ProblemReport, Report } from '../../../tuner/report/report.js';
import {
  CPU,
  commandsOf,
  FAILURES,
  fill,
  GPU,
  LAYER,
  MADE,
  memoryStore,
  sampleReport,
  TURNED,
} from '../../support/report_store.js';

let made: Report;
beforeAll(() => {
  made = sampleReport();
});

/** Of the CPU unless another setting is named. */
function rowOf(problem: Problem, setting = 0): ProblemReport {
  return made.settings[setting]!.problems.find(({ name }) => name === problemName(problem))!;
}

test('each setting has its problems, alike ones side by side', () => {
  expect(made.settings).toMatchObject([CPU, { ...GPU, threads: 1 }]);
  const names = made.settings.map(({ problems }) => problems.map(({ name }) => name));
  const { won, failed, trialOnly, old } = LAYER;
  expect(names).toEqual([[won, failed, trialOnly, old, TURNED].map(problemName), [problemName(won)]]);
});

test('a winner has its ratios to the copy and to the default of its final', () => {
  expect(rowOf(LAYER.won).winner).toMatchObject({ toFloor: 2, toDefault: 0.5, final: true, current: true });
  expect(rowOf(LAYER.won, 1).winner).toMatchObject({ toFloor: 0.8, toDefault: 4 / 14 });
});

test('without a final there is no ratio to a copy, and without a passed trial no winner', () => {
  const { winner } = rowOf(LAYER.trialOnly);
  expect(winner).toMatchObject({ final: false, toFloor: undefined, toDefault: undefined, current: true });
  expect(rowOf(LAYER.failed)).toMatchObject({ winner: undefined, trials: 1 });
});

test('every trial is counted, and every failure has its reason and its schedule', () => {
  const { trials, failures, curve } = rowOf(LAYER.won);
  expect(trials).toBe(2 + FAILURES.length);
  expect(curve.steps).toHaveLength(trials);
  expect(failures.map(({ verdict, reason }) => ({ kind: verdict, reason }))).toEqual(
    [0, 1, 2, 4, 5].map((i) => ({ kind: FAILURES[i]!.kind, reason: FAILURES[i]!.reason })),
  );
  expect(failures.map(({ schedules }) => schedules.length)).toEqual([1, 1, 2, 1, 1]);
});

test('commands are made from the winner and its run; a kernel that is no longer emitted cannot be generated', () => {
  const { commands, winner } = rowOf(LAYER.won);
  expect(commands).toEqual({
    tune: 'tune --target cpu:avx2 --threads 2 --seed 7',
    generate: `generate --filter ${winner!.trial.kernel}`,
  });
  expect(rowOf(LAYER.old).winner).toMatchObject({ current: false });
  expect(rowOf(LAYER.old).commands.generate).toBeUndefined();
  expect(rowOf(LAYER.failed).commands.generate).toBeUndefined();
});

test('the kernels of today outrank those of an earlier generator, as they do for the tuner', () => {
  const store = fill(memoryStore());
  const [trial] = store.trials({ problem: problemName(LAYER.trialOnly) });
  const faster = { ...trial!.outcome, measurement: { ...measurementOf(trial!), samples: [1], median: 1 } };
  store
    .begin({ version: '0', search: 'random', seed: 1 })
    .record({ ...trial!, sourceHash: 'old', outcome: faster as never });
  const again = readReport(store, { made: MADE, commands: commandsOf });
  const row = again.settings[0]!.problems.find(({ name }) => name === problemName(LAYER.trialOnly))!;
  expect(row.winner).toMatchObject({ current: true, measurement: { median: 30 } });
  expect(row.curve.steps.map(({ best }) => best)).toEqual([30, 1]);
});

function measurementOf({ outcome }: { readonly outcome: object }): object {
  return (outcome as { readonly measurement: object }).measurement;
}

test('is about the problems that were asked for, and of an empty database about none', () => {
  const some = sampleReport([problemName(TURNED)]);
  expect(some.settings.map(({ problems }) => problems.map(({ name }) => name))).toEqual([
    [problemName(TURNED)],
  ]);
  const store = memoryStore();
  expect(readReport(store, { made: MADE, commands: commandsOf }).settings).toEqual([]);
});
