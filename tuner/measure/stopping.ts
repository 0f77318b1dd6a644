import { isBeaten } from './bar.js';
import { relativeHalfWidth } from './stats.js';

/** When to stop sampling. The budget and the most samples win over the fewest. */
export interface StoppingRule {
  /** Stop once half the median's 95 % interval is at most this part of the median, e.g. 0.01. */
  readonly precision: number;
  readonly minSamples: number;
  readonly maxSamples: number;
  /** Microseconds of one measurement, its warm-up included. */
  readonly budget: number;
  /** What is slower than this, in microseconds, is of no interest, see barOf; undefined where all is. */
  readonly bar?: number | undefined;
}

/** Why it stopped: the median is known well enough, it is beyond the bar, or samples or time ran out first. */
export const STOPS = ['settled', 'beaten', 'samples', 'budget'] as const;
export type Stop = (typeof STOPS)[number];

/**
 * Whether these samples are enough.
 * @param elapsed microseconds since the measurement began
 * @returns undefined to go on
 */
export function stopping(samples: readonly number[], elapsed: number, rule: StoppingRule): Stop | undefined {
  if (samples.length >= rule.minSamples && relativeHalfWidth(samples) <= rule.precision) return 'settled';
  if (isBeaten(samples, rule.bar)) return 'beaten';
  if (samples.length >= rule.maxSamples) return 'samples';
  return elapsed >= rule.budget ? 'budget' : undefined;
}
