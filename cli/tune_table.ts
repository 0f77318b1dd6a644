import { problemName, splitKernelName } from '../generator/name.js';
import { kernelText, type Problem } from '../generator/problem.js';
import type { TunedProblem } from '../tuner/standing.js';
import { whereText } from './device.js';
import { generalWords } from './general.js';
import type { Tuned } from './tuning.js';
import type { Ui } from './ui.js';
import { counted, timing } from './words.js';

/**
 * `nhwc 56x56 K=31 22.5° C=512 N=1`, or `8 angles`, or `8 angles from 90°`, and in front what is not fprop: enough to tell
 * the rows of one table apart. Square filters have no angle: `nhwc 56x56 K=7x7 C=96 N=1`.
 */
export function shortName(problem: Problem): string {
  return named(problem, lengthWord(problem), anglesWord(problem));
}

/** The same without angles. */
export function anglelessName(problem: Problem): string {
  return named(problem, lengthWord(problem));
}

/** What layers of several kernels and angles have in common: `nhwc 56x56 C=512 N=1`. */
export function shapeName(problem: Problem): string {
  return named(problem);
}

function named(problem: Problem, length?: string, angles?: string): string {
  const { op, layout, height, width, stride, channels, batch } = problem;
  const words = [
    op === 'fprop' ? undefined : op,
    `${layout} ${height}x${width}`,
    length,
    stride > 1 ? `s=${stride}` : undefined,
    angles,
    `C=${channels} N=${batch}`,
  ];
  return words.filter((word) => word !== undefined).join(' ');
}

function lengthWord(problem: Problem): string {
  return `K=${kernelText(problem)}`;
}

function anglesWord({ angles: [first, ...others] }: Problem): string | undefined {
  if (first === undefined) return undefined;
  if (others.length === 0) return `${first}°`;
  const count = counted(1 + others.length, 'angle');
  return first === 0 ? count : `${count} from ${first}°`;
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
  const notes = results.flatMap((result) => {
    const note = doubt(result);
    return note === undefined ? [] : [`${shortName(result.problem)}: ${note}`];
  });
  const isSmall = results.some(({ winner }) => winner?.copy && winner.copy.median < SMALL_COPY);
  const small = `a copy of less than ${SMALL_COPY} us is mostly its start, and no bound`;
  const lines = [`${whereText(where)}${several}`, ...notes, ...(isSmall ? [small] : [])];
  return [ui.table(head, rows), ...lines].join('\n');
}

/** Microseconds of a copy that is little more than a launch. */
const SMALL_COPY = 20;

/** Spread of a winner's times from which on another measurement may well have another winner. */
const UNSURE = 0.2;

function doubt({ winner }: TunedProblem): string | undefined {
  if (!winner || winner.measurement.spread < UNSURE) return undefined;
  const percent = Math.round(100 * winner.measurement.spread);
  return `its times spread by +-${percent} %, so that another kernel may be faster; tune --more on a quiet machine, with more --budget`;
}

/** The same for --json. Times in microseconds. */
export function tunedDocument({ results, trials, interrupted, ...where }: Tuned): object {
  return { ...where, trials, interrupted: interrupted !== undefined, problems: results.map(resultDocument) };
}

function resultDocument(result: TunedProblem): object {
  const { problem, winner, trials, failures } = result;
  const note = doubt(result);
  return {
    problem: problemName(problem),
    kernel: winner?.trial.kernel ?? null,
    median: winner?.measurement.median ?? null,
    spread: winner?.measurement.spread ?? null,
    default: winner?.default?.median ?? null,
    copy: winner?.copy?.median ?? null,
    ...(winner?.clocks && { clocks: winner.clocks }),
    trials,
    failures,
    ...(note !== undefined && { note }),
  };
}
