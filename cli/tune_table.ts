import { problemName, splitKernelName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import type { TunedProblem } from '../tuner/standing.js';
import { threadsText } from './device.js';
import { isGeneral } from './general.js';
import type { Tuned } from './tuning.js';
import type { Ui } from './ui.js';

/** `nhwc 56x56 K=31 C=512 N=1`: enough to tell the rows of one table apart. */
export function shortName({ layout, height, width, kernel, stride, channels, batch }: Problem): string {
  const strided = stride > 1 ? ` s=${stride}` : '';
  return `${layout} ${height}x${width} K=${kernel}${strided} C=${channels} N=${batch}`;
}

/** A row a problem: its time, in units of the copy and of the default schedule, and how. */
export function tuneTable({ results, threads, target }: Tuned, ui: Ui): string {
  const head = ['problem', 'time', 'to copy', 'to default', 'trials', 'schedule'];
  const rows = results.map((result) => {
    const { winner, trials, failures, problem } = result;
    const tried = failures > 0 ? `${trials} (${failures} failed)` : `${trials}`;
    if (!winner) return [shortName(problem), '-', '-', '-', tried, untuned(problem)];
    const time = winner.measurement.median;
    const to = (other: number | undefined) => (other === undefined ? '-' : `${(time / other).toFixed(2)} x`);
    const schedule = splitKernelName(winner.trial.kernel).schedule;
    return [
      shortName(problem),
      `${time.toFixed(0)} us +-${(100 * winner.measurement.spread).toFixed(0)} %`,
      to(winner.copy?.median),
      to(winner.default?.median),
      tried,
      schedule,
    ];
  });
  return `${ui.table(head, rows)}\n${target}, ${threadsText(threads)}`;
}

function untuned(problem: Problem): string {
  return isGeneral(problem) ? 'the general kernel' : `nothing computes ${problem.op} in ${problem.dtype} yet`;
}

/** The same for --json. Times in microseconds. */
export function tunedDocument({ results, trials, threads, target, interrupted }: Tuned): object {
  return { target, threads, trials, interrupted, problems: results.map(resultDocument) };
}

function resultDocument({ problem, winner, trials, failures }: TunedProblem): object {
  return {
    problem: problemName(problem),
    kernel: winner?.trial.kernel ?? null,
    median: winner?.measurement.median ?? null,
    spread: winner?.measurement.spread ?? null,
    default: winner?.default?.median ?? null,
    copy: winner?.copy?.median ?? null,
    trials,
    failures,
  };
}
