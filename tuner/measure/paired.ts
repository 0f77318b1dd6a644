import { median, medianInterval } from './stats.js';

/**
 * How two kernels compare that were timed in the same rounds. A round's times go by the machine's state in that round, so
 * it is each round's own quotient that counts: drift and steps of the clock, which reach both, cancel. It is the logarithm
 * of the quotient, so that either order of the two says the same. (The quotient of two ratios to the round's control is
 * the same number: the control cancels.)
 */
export type Order = 'faster' | 'slower' | 'tied' | 'open';

/** Kernels this close, as a part of their time, are as good as each other. */
export const TIE = 0.005;
/**
 * Of an interval that tells one from the other. Rounds are looked at again and again, and each look may err: a plain 95 %
 * would err often enough to be noticed. It takes ten rounds at the least.
 */
const SEPARATION = 0.998;

/** The log of each round's quotient a / b, over the rounds that both were in. */
export function logRatios(a: readonly number[], b: readonly number[]): readonly number[] {
  const rounds = Math.min(a.length, b.length);
  return Array.from({ length: rounds }, (_, i) => (a[i] === b[i] ? 0 : Math.log(a[i]! / b[i]!)));
}

/** The middle one: below 0 where `a` is faster. @throws TunerError without rounds */
export function gap(a: readonly number[], b: readonly number[]): number {
  return median(logRatios(a, b));
}

/** Whether `a` is faster than `b`, slower, as good, or whether that is open yet. */
export function compare(a: readonly number[], b: readonly number[]): Order {
  const ratios = logRatios(a, b);
  const sure = medianInterval(ratios, SEPARATION);
  if (sure && sure.high < 0) return 'faster';
  if (sure && sure.low > 0) return 'slower';
  const likely = medianInterval(ratios);
  return sure && likely && likely.low > -TIE && likely.high < TIE ? 'tied' : 'open';
}
