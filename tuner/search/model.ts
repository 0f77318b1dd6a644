import { gaussianProcess } from './gaussian_process.js';
import { Ledger } from './ledger.js';
import type { Search } from './search.js';
import { type Choice, type Place, place, squaredDistance, type Terrain } from './terrain.js';

// In logarithms of times. They were chosen on the eight-angle layers of tests/fixtures/replay/h100.json; its layers of one
// angle were kept to check them.
/** A cost that is twice as high stands for a time that is longer by the square root of 2: costs exaggerate. */
const TRUST = 0.5;
/** How far times stray from what their costs say, and the share of its variance that families have in common. */
const STRAY = 0.1;
const COMMON = 0.3;
/** Doublings of a parameter over which strays are alike. */
const REACH = 4;
const NOISE = 0.01;
/** How much a prediction's deviation counts for a candidate: what is least known may be best. */
const CURIOSITY = 0.5;
/** What failed counts as this many times as slow as the slowest. */
const FAILED = 2;
/** The model is fitted to so many of the fastest: its work grows with their cube. */
const FITTED = 32;

/** A candidate's stray: the logarithm of its time, less what its cost says. */
type Stray<C> = readonly [candidate: C, stray: number];

/**
 * Tries what a model expects to be fastest: the static cost, corrected by a Gaussian process over the logarithms of the
 * parameters, which is fitted to the times so far. What is under way is taken to go as its cost says, so that
 * candidates that are asked for together differ.
 */
export function model<C extends Choice>({ candidates, costs }: Terrain<C>): Search<C> {
  const ledger = new Ledger(candidates);
  const expected = new Map(candidates.map((one, i) => [one, TRUST * Math.log(costs[i]!)]));
  const places = new Map(candidates.map((one) => [one, place(one)]));
  return {
    name: 'model',
    next() {
      const strays = [
        ...straysOf(ledger.times, expected),
        ...ledger.underWay.slice(-FITTED).map((one) => [one, 0] as const),
      ];
      const predict = gaussianProcess(
        strays.map(([one, stray]) => [places.get(one)!, stray] as const),
        alike,
        NOISE ** 2,
      );
      const { left } = ledger;
      const hopes = left.map((one) => {
        const { mean, variance } = predict(places.get(one)!);
        return expected.get(one)! + mean - CURIOSITY * Math.sqrt(variance);
      });
      return ledger.handOut(left[hopes.indexOf(Math.min(...hopes))]);
    },
    tell: (candidate, outcome) => void ledger.enter(candidate, outcome),
  };
}

/** Of the fastest, around their mean. */
function straysOf<C>(times: ReadonlyMap<C, number>, expected: ReadonlyMap<C, number>): readonly Stray<C>[] {
  const sorted = [...times].toSorted(([, a], [, b]) => a - b);
  const slowest = sorted.findLast(([, time]) => Number.isFinite(time));
  if (!slowest) return []; // nothing has a time yet
  const strays = sorted
    .slice(0, FITTED)
    .map(([one, time]) => [one, Math.log(Math.min(time, FAILED * slowest[1])) - expected.get(one)!] as const);
  const mean = strays.reduce((sum, [, stray]) => sum + stray, 0) / strays.length;
  return strays.map(([one, stray]) => [one, stray - mean]);
}

/** Covariance of strays. */
function alike(a: Place, b: Place): number {
  return STRAY ** 2 * (COMMON + (1 - COMMON) * Math.exp(-squaredDistance(a, b) / (2 * REACH ** 2)));
}
