import type { Clock } from './clock.js';
import type { StoppingRule } from './stopping.js';

/** Something that is timed: a kernel on sets of buffers that take turns, by whatever measures its time best. */
export interface Timed {
  /** Runs that one repetition makes: 1, or all launches of a graph. */
  readonly runs: number;
  /** Repeats it so often and waits until that is done. @returns microseconds of one run, the mean over all */
  time(repetitions: number): number;
}

/** How it is sampled. Times in microseconds. */
export interface Sampling {
  /** What warm-up and budget go by. */
  readonly clock: Clock;
  /** Of running before the first sample; there is always at least one such repetition. */
  readonly warmup: number;
  /** The least that a sample lasts: repetitions fill it. */
  readonly shortest: number;
  readonly stopping: StoppingRule;
}

/** Something that is warm, and repeated often enough for a sample. */
export interface Batch {
  /** Runs that a sample is the mean of. */
  readonly repetitions: number;
  /** Microseconds of one run: the mean over one batch. */
  sample(): number;
}

/** Ends the search for a batch where a clock stands still. */
const MOST_REPETITIONS = 1 << 16;

/** Warms it up and finds how many repetitions make a sample. */
export function warmBatch({ runs, time }: Timed, { clock, warmup, shortest }: Sampling): Batch {
  const lasting = (repetitions: number) => time(repetitions) * repetitions * runs;

  const start = clock();
  let quickest = Number.POSITIVE_INFINITY;
  do quickest = Math.min(quickest, lasting(1));
  while (clock() - start < warmup);

  // The quicker of two: one batch that was interrupted must not pass for a long one.
  let repetitions = 1;
  while (quickest < shortest && repetitions < MOST_REPETITIONS) {
    repetitions *= 2;
    quickest = Math.min(lasting(repetitions), lasting(repetitions));
  }
  return { repetitions: repetitions * runs, sample: () => time(repetitions) };
}
