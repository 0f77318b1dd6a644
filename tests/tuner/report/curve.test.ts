import fc from 'fast-check';
import { expect, test } from 'vitest';
import { curve } from '../../../tuner/report/curve.js';
import { arbitraryTrials, timesOf } from '../../support/outcomes.js';

test('the best after each trial is the least time up to it, and there is none before the first that passed', () => {
  fc.assert(
    fc.property(arbitraryTrials, (trials) => {
      const { steps } = curve(trials);
      expect(steps.map(({ trial }) => trial)).toEqual(trials.map((_, i) => i + 1));
      steps.forEach(({ best, time }, i) => {
        const times = timesOf(trials.slice(0, i + 1));
        expect(best).toBe(times.length === 0 ? undefined : Math.min(...times));
        expect(time).toBe(timesOf([trials[i]!])[0]);
      });
    }),
  );
});
