import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import type { TunedProblem } from '../tuner/standing.js';
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
    const { winner, copy, trials, failures, problem } = result;
    const tried = failures > 0 ? `${trials} (${failures} failed)` : `${trials}`;
    if (!winner) return [shortName(problem), '-', '-', '-', tried, 'the general kernel'];
    const time = winner.measurement.median;
    const to = (other: number | undefined) => (other === undefined ? '-' : `${(time / other).toFixed(2)} x`);
    const schedule = winner.trial.kernel.split('__')[1]!;
    return [
      shortName(problem),
      `${time.toFixed(0)} us +-${(100 * winner.measurement.spread).toFixed(0)} %`,
      to(copy?.median),
      to(winner.default?.median),
      tried,
      schedule,
    ];
  });
  return `${ui.table(head, rows)}\n${target}, ${threads === 1 ? '1 thread' : `${threads} threads`}`;
}

/** The same for --json. Times in microseconds. */
export function tunedDocument({ results, trials, threads, target, interrupted }: Tuned): object {
  return { target, threads, trials, interrupted, problems: results.map(resultDocument) };
}

function resultDocument({ problem, winner, copy, trials, failures }: TunedProblem): object {
  return {
    problem: problemName(problem),
    kernel: winner?.trial.kernel ?? null,
    median: winner?.measurement.median ?? null,
    spread: winner?.measurement.spread ?? null,
    default: winner?.default?.median ?? null,
    copy: copy?.median ?? null,
    trials,
    failures,
  };
}
