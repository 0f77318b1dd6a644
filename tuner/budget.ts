/**
 * How a tuning shares its time over its problems. All get the same part first, so that each has a winner. What is kept back
 * goes where it pays most: a problem whose best kernel kept getting faster in the latter half of its trials is likely to
 * gain again by as many more, and never by more than what parts it from its floor. Where nothing got faster, a little is
 * hoped for, in proportion to that distance.
 */
export interface Prospect {
  /** Microseconds of its trials in the order in which they were made; infinite where one failed. */
  readonly times: readonly number[];
  /** What no kernel of it is faster than: the time of a copy. */
  readonly floor: number;
  /** Candidates that have not been tried. */
  readonly left: number;
}

/** The part of a tuning's time that is kept back. */
const KEPT_BACK = 0.3;
/** Seconds of a portion that is worth setting a problem up once more. */
const LEAST_PORTION = 5;
/** Of what could be gained at best, hoped for where trials gained nothing of late. */
const HOPE = 0.05;

/** A tuning's time, in seconds. */
export interface Budget {
  /** What all problems share in equal parts. */
  readonly shared: number;
  /** What is kept back, and comes after. */
  readonly kept: number;
  /** How many portions that makes for all workers together, each half as long as a problem's equal part, or more. */
  readonly portions: number;
}

/**
 * Nothing is kept back where every problem has a worker of its own all the time, or where portions would be too short.
 * @param width problems that are tuned side by side
 */
export function budget(seconds: number, problems: number, width: number): Budget {
  const kept = KEPT_BACK * seconds;
  const part = (seconds - kept) / Math.ceil(problems / width);
  const portions = Math.floor((kept * width) / (part / 2));
  return problems > width && part / 2 >= LEAST_PORTION
    ? { shared: seconds - kept, kept, portions }
    : { shared: seconds, kept: 0, portions: 0 };
}

/** The part of its time that a problem is likely to lose by as many trials again. */
export function expectedGain({ times, floor, left }: Prospect): number {
  const best = Math.min(...times);
  if (left === 0 || !Number.isFinite(best)) return 0;
  const possible = Math.max(0, Math.log(best / floor));
  const before = Math.min(...times.slice(0, Math.ceil(times.length / 2)));
  // Where nothing had passed before, all that is possible is open.
  const lately = Number.isFinite(before) ? Math.log(before / best) : possible;
  return Math.min(possible, Math.max(lately, HOPE * possible));
}

/**
 * Hands portions of time out one by one, each to the problem that is likely to gain the most by it. Each portion that a
 * problem has got halves what another would bring.
 * @returns the portions of each, in their order; none where nothing is to be gained
 */
export function extraPortions(prospects: readonly Prospect[], portions: number): readonly number[] {
  const gains = prospects.map(expectedGain);
  const got = prospects.map(() => 0);
  for (let portion = 0; portion < portions; portion++) {
    const most = Math.max(...gains);
    if (most <= 0) break;
    const one = gains.indexOf(most);
    got[one]!++;
    gains[one] = most / 2;
  }
  return got;
}
