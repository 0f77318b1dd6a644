import { ascending, median as middle } from '../../runtime/median.js';
import { TunerError } from '../errors.js';

/**
 * Statistics of run times. Times are bounded below by the machine and have a long tail above, so everything here
 * goes by order: medians and order statistics, no means, no variances, no normal distribution.
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The middle value, or the mean of the two middle ones. @throws TunerError without samples */
export function median(samples: readonly number[]): number {
  requireSamples(samples);
  return middle(samples);
}

/** Median distance to the median. @throws TunerError without samples */
export function medianAbsoluteDeviation(samples: readonly number[]): number {
  const centre = median(samples);
  return median(samples.map((sample) => Math.abs(sample - centre)));
}

/** The deviation over the median, scaled by 1.4826 so that it reads as sigma / mu where noise happens to be normal. */
export function relativeSpread(samples: readonly number[]): number {
  return ratio(1.4826 * medianAbsoluteDeviation(samples), median(samples));
}

/**
 * The narrowest symmetric pair of order statistics [x(r), x(n+1-r)] that holds the true median with at least this
 * confidence, whatever the distribution: the number of samples below the median is binomial(n, 1/2), so the pair
 * misses it with probability 2 P(B < r). (David & Nagaraja, Order Statistics, section 7.1.)
 * @returns undefined if even the whole range falls short: at 95 % below six samples
 */
export function medianInterval(samples: readonly number[], confidence = 0.95): Interval | undefined {
  const n = samples.length;
  const rank = intervalRank(n, confidence);
  if (rank === 0) return undefined;
  const sorted = ascending(samples);
  return { low: sorted[rank - 1]!, high: sorted[n - rank]! };
}

/** Half the interval's width over the median; infinite as long as there is no interval. */
export function relativeHalfWidth(samples: readonly number[], confidence = 0.95): number {
  const interval = medianInterval(samples, confidence);
  return interval ? ratio((interval.high - interval.low) / 2, median(samples)) : Number.POSITIVE_INFINITY;
}

/** The largest r with 2 P(B < r) <= 1 - confidence, B binomial(n, 1/2); 0 if there is none. */
function intervalRank(n: number, confidence: number): number {
  const allowed = (1 - confidence) / 2;
  let logTerm = -n * Math.LN2; // log of C(n, r) / 2^n: the plain number underflows beyond a thousand samples
  let below = 0;
  let rank = 0;
  while (2 * (rank + 1) <= n + 1) {
    below += Math.exp(logTerm);
    if (below > allowed) break;
    logTerm += Math.log((n - rank) / (rank + 1));
    rank++;
  }
  return rank;
}

function requireSamples(samples: readonly number[]): void {
  if (samples.length > 0) return;
  throw new TunerError(
    {
      code: 'samples-empty',
      value: samples,
      rule: 'statistics need at least one sample',
      remedy: 'this is a defect of the tuner',
    },
    'system',
  );
}

/** 0 / 0 is no spread at all: equal samples of a clock too coarse to see them. */
function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}
