import fc from 'fast-check';
import type { Trial } from '../../tuner/store/trial.js';
import { took, trialKey, trialReport } from './trials.js';

/** Trials of one problem that took so many microseconds or, where there is no time, failed. */
export const arbitraryTrials = fc
  .array(
    fc.record({
      time: fc.option(fc.integer({ min: 2, max: 99 })),
      tile: fc.constantFrom(4, 7, 14),
      lanes: fc.constantFrom(8, 16),
    }),
    { minLength: 1 },
  )
  .map((all) =>
    all.map(
      ({ time, tile, lanes }): Trial => ({
        ...trialReport(
          trialKey(tile),
          time === null ? { kind: 'crashed', reason: `by ${tile}` } : took(time),
        ),
        params: { tile, lanes, depth: 1 },
        kind: 'trial',
        layer: '',
        session: 1,
        finished: '',
      }),
    ),
  );

/** Times of those that passed. */
export function timesOf(trials: readonly Trial[]): readonly number[] {
  return trials.flatMap(({ outcome }) => (outcome.kind === 'ok' ? [outcome.measurement.median] : []));
}
