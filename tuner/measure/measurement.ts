import { median, relativeSpread } from './stats.js';
import type { Stop } from './stopping.js';

/** What was measured of one run. Times in microseconds of one run. */
export interface Measurement {
  readonly kind: 'measurement';
  /** In the order in which they were taken. */
  readonly samples: readonly number[];
  readonly median: number;
  /** Scaled median absolute deviation over the median. */
  readonly spread: number;
  /** Runs that one sample is the mean of. */
  readonly repetitions: number;
  readonly stop: Stop;
}

/** Sums samples up. @throws TunerError without samples */
export function measurement(samples: readonly number[], repetitions: number, stop: Stop): Measurement {
  return Object.freeze({
    kind: 'measurement',
    samples: Object.freeze([...samples]),
    median: median(samples),
    spread: relativeSpread(samples),
    repetitions,
    stop,
  });
}
