import { problemName, splitKernelName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import type { TunedProblem } from '../tuner/standing.js';
import { whereText } from './device.js';
import { generalWords } from './general.js';
import type { Tuned } from './tuning.js';
import type { Ui } from './ui.js';
import { counted, timing } from './words.js';

/**
 * `nhwc 56x56 K=31 22.5° C=512 N=1`, or `8 angles`, or `8 angles from 90°`, and in front what is not fprop: enough to tell
 * the rows of one table apart.
 */
export function shortName(problem: Problem): string {
  const [first, ...others] = problem.angles;
  if (others.length === 0) return nameWith(problem, `${first}°`);
  const count = counted(1 + others.length, 'angle');
  return nameWith(problem, first === 0 ? count : `${count} from ${first}°`);
}

/** The same without angles. */
export function anglelessName(problem: Problem): string {
  return nameWith(problem);
}

function nameWith(
  { op, layout, height, width, kernel, stride, channels, batch }: Problem,
  turned?: string,
): string {
  const words = [
    ...(op === 'fprop' ? [] : [op]),
    `${layout} ${height}x${width} K=${kernel}`,
    ...(stride > 1 ? [`s=${stride}`] : []),
    ...(turned === undefined ? [] : [turned]),
    `C=${channels} N=${batch}`,
  ];
  return words.join(' ');
}

/** A row a problem: its time, in units of the copy and of the default schedule, and how. */
export function tuneTable({ results, gpus, ...where }: Tuned, ui: Ui): string {
  const head = ['problem', 'time', 'to copy', 'to default', 'trials', 'schedule'];
  const rows = results.map((result) => {
    const { winner, trials, failures, problem } = result;
    const tried = failures > 0 ? `${trials} (${failures} failed)` : `${trials}`;
    if (!winner) return [shortName(problem), '-', '-', '-', tried, generalWords(problem) ?? 'none yet'];
    const time = winner.measurement.median;
    const to = (other: number | undefined) => (other === undefined ? '-' : `${(time / other).toFixed(2)} x`);
    const schedule = splitKernelName(winner.trial.kernel).schedule;
    return [
      shortName(problem),
      timing(winner.measurement),
      to(winner.copy?.median),
      to(winner.default?.median),
      tried,
      schedule,
    ];
  });
  const several = gpus ? `, GPUs ${gpus.join(', ')}` : '';
  return `${ui.table(head, rows)}\n${whereText(where)}${several}`;
}

/** The same for --json. Times in microseconds. */
export function tunedDocument({ results, trials, interrupted, ...where }: Tuned): object {
  return { ...where, trials, interrupted, problems: results.map(resultDocument) };
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
