import { parseProblemName, problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { parseKernelName, type Schedule } from '../generator/schedule.js';
import { type Source, source } from '../generator/source.js';
import type { Target } from '../generator/target.js';
import type { Toolchain, Trial, TrialKey } from './store/trial.js';

/** What trials of one tuning have in common: where they are made and with what. */
export interface Setting {
  readonly target: Target;
  readonly toolchain: Toolchain;
  /** The machine's name. */
  readonly machine: string;
  readonly threads: number;
}

/** A schedule with its text: what a trial tries. It is its own key in the store. */
export interface Candidate extends TrialKey {
  readonly schedule: Schedule;
  readonly source: Source;
}

export function candidate(schedule: Schedule, { toolchain, machine, threads }: Setting): Candidate {
  const made = source(schedule);
  return Object.freeze({
    schedule,
    source: made,
    problem: problemName(schedule.problem),
    kernel: schedule.name,
    sourceHash: made.hash,
    toolchain,
    machine,
    threads,
  });
}

/** The schedule that a trial tried, or undefined if the generator no longer emits that text. */
export function currentSchedule(trial: Trial, target: Target): Schedule | undefined {
  try {
    const schedule = parseKernelName(trial.kernel, target, trialProblem(trial).batch);
    return source(schedule).hash === trial.sourceHash ? schedule : undefined;
  } catch {
    return undefined; // a name of another version
  }
}

export function trialProblem({ problem }: Pick<Trial, 'problem'>): Problem {
  return parseProblemName(problem);
}
