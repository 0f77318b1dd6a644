import { parseProblemName, splitKernelName } from '../../generator/name.js';
import type { Problem } from '../../generator/problem.js';
import { readTarget } from '../../generator/target.js';
import { currentSchedule } from '../candidate.js';
import type { Run } from '../store/sessions.js';
import type { Store } from '../store/store.js';
import type { Trial } from '../store/trial.js';
import type { Winner } from '../store/winners.js';
import { curve } from './curve.js';
import { directions } from './direction.js';
import { familyEffects } from './effect.js';
import { failureGroups } from './failure_group.js';
import { grouped } from './grouped.js';
import { inOrder } from './order.js';
import type { Commands, ProblemReport, Report, SettingReport, WinnerReport } from './report.js';

/** What command lines are made from. */
export interface Reproducible {
  readonly problem: Problem;
  readonly target: string;
  readonly threads: number;
  /** The run that made the winner, or the problem's last trial. */
  readonly run: Run;
  /** How long its trials took, roughly. */
  readonly seconds: number;
  /** A kernel's name. */
  readonly kernel: string | undefined;
}

export interface ReportOptions {
  /** Names of the problems that it is about, all unless given. */
  readonly problems?: readonly string[] | undefined;
  readonly made: string;
  readonly commands: (row: Reproducible) => Commands;
}

/**
 * Reads a report out of a store.
 * @throws StoreError; ProblemError if a problem's name in it is not this generator's
 */
export function readReport(store: Store, { problems, made, commands }: ReportOptions): Report {
  const asked = problems && new Set(problems);
  const runs = new Map(store.sessions().map((session) => [session.id, session]));
  const winners = new Map(bestOf(store).map((winner) => [contextOf(winner.trial), winner]));
  const trials = store.trials().filter(({ problem }) => asked?.has(problem) ?? true);
  const settings = [...grouped(trials, settingOf).values()].map((there): SettingReport => {
    const { target, machine, threads, toolchain } = there[0]!;
    const rows = [...grouped(there, contextOf)].map(([context, own]) => {
      const winner = winners.get(context);
      return problemReport(own, winner, runs.get((winner?.trial ?? own.at(-1)!).session)!, commands);
    });
    return Object.freeze({ target, machine, threads, toolchain, problems: rows.toSorted(inOrder) });
  });
  return Object.freeze({ kind: 'report', database: store.path, made, settings });
}

function problemReport(
  trials: readonly Trial[],
  found: Winner | undefined,
  run: Run,
  commands: ReportOptions['commands'],
): ProblemReport {
  const { problem: name, target, threads } = trials[0]!;
  const problem = parseProblemName(name);
  const winner = found && winnerReport(found);
  const kernel = winner?.current ? winner.trial.kernel : undefined;
  return Object.freeze({
    kind: 'problem-report',
    name,
    problem,
    winner,
    trials: trials.length,
    failures: failureGroups(trials),
    curve: curve(trials),
    effects: familyEffects(trials),
    directions: directions(problem, winner?.trial.params),
    commands: commands({ problem, target, threads, run, seconds: secondsOf(trials), kernel }),
  });
}

function winnerReport(winner: Winner): WinnerReport {
  const { trial, measurement, copy, default: fallback } = winner;
  const over = (other: { readonly median: number } | undefined) => other && measurement.median / other.median;
  const { schedule } = splitKernelName(trial.kernel);
  return Object.freeze({
    ...winner,
    schedule,
    current: isCurrent(trial),
    toFloor: over(copy),
    toDefault: over(fallback),
  });
}

/** The winners among kernels that the generator still emits, as the tuner has it; of a problem without any, among all. */
function bestOf(store: Store): readonly Winner[] {
  const current = new Map(store.winners({}, isCurrent).map((winner) => [contextOf(winner.trial), winner]));
  return store.winners().map((winner) => current.get(contextOf(winner.trial)) ?? winner);
}

function isCurrent(trial: Trial): boolean {
  return currentSchedule(trial, readTarget(trial.target)) !== undefined;
}

function settingOf({ target, machine, threads, toolchain }: Trial): string {
  return JSON.stringify([target, machine, threads, toolchain.compiler, toolchain.flags]);
}

function contextOf(trial: Trial): string {
  return `${trial.problem} ${settingOf(trial)}`;
}

/** From the first trial to the last of each session: what is between two sessions is no search. */
function secondsOf(trials: readonly Trial[]): number {
  return [...grouped(trials, ({ session }) => String(session)).values()].reduce((sum, own) => {
    const times = own.map(({ finished }) => Date.parse(finished));
    return sum + (Math.max(...times) - Math.min(...times)) / 1000;
  }, 0);
}
