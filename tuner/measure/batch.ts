import type { Clock } from './clock.js';
import type { StoppingRule } from './stopping.js';

/** One run of a kernel on one of several equal sets of buffers. */
export type Run = (set: number) => void;

/** How runs are measured. */
export interface Sampling {
  readonly clock: Clock;
  /** Microseconds of running before the first sample; there is always at least one such run. */
  readonly warmup: number;
  readonly stopping: StoppingRule;
  /**
   * Sets of buffers that the runs take in turn. With more than the last cache holds, each run finds its input in
   * memory, as a layer in a network does; with one set, small problems are timed in the cache.
   */
  readonly sets: number;
}

/** A run that is warm, and repeated often enough for the clock. */
export interface Batch {
  readonly repetitions: number;
  /** Microseconds of one run: the mean over one batch. */
  sample(): number;
}

/** A clock ticks in tens of nanoseconds and a call costs as much: 50 microseconds keep both below a percent. */
const SHORTEST_BATCH = 50;
/** Ends the search for a batch where a clock stands still. */
const MOST_REPETITIONS = 1 << 16;

/** Warms a run up and finds how many repetitions make a sample. */
export function warmBatch(run: Run, { clock, warmup, sets }: Sampling): Batch {
  let set = 0;
  const time = (repetitions: number): number => {
    const start = clock();
    for (let i = 0; i < repetitions; i++) {
      run(set);
      set = (set + 1) % sets;
    }
    return clock() - start;
  };

  const start = clock();
  let quickest = Number.POSITIVE_INFINITY;
  do quickest = Math.min(quickest, time(1));
  while (clock() - start < warmup);

  // The quicker of two: one batch that was interrupted must not pass for a long one.
  let repetitions = 1;
  while (quickest < SHORTEST_BATCH && repetitions < MOST_REPETITIONS) {
    repetitions *= 2;
    quickest = Math.min(time(repetitions), time(repetitions));
  }
  return { repetitions, sample: () => time(repetitions) / repetitions };
}
