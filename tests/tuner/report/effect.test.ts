import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median } from '../../../tuner/measure/stats.js';
import { familyEffects } from '../../../tuner/report/effect.js';
import { arbitraryTrials, timesOf } from '../../support/outcomes.js';

test('each value has the best and the median time of all trials with it; what never varied is left out', () => {
  fc.assert(
    fc.property(arbitraryTrials, (trials) => {
      const [effects, ...others] = familyEffects(trials);
      expect(others).toEqual([]);
      expect(effects!.family).toBe('cpp_sheared');
      for (const name of ['tile', 'lanes', 'depth']) {
        const values = [...new Set(trials.map(({ params }) => params[name]!))] as number[];
        const found = effects!.parameters.find((parameter) => parameter.name === name);
        if (values.length === 1) expect(found).toBeUndefined();
        else
          expect(found!.values).toEqual(
            values
              .sort((a, b) => a - b)
              .map((value) => {
                const own = trials.filter(({ params }) => params[name] === value);
                const times = timesOf(own);
                const none = times.length === 0;
                return {
                  value: String(value),
                  trials: own.length,
                  best: none ? undefined : Math.min(...times),
                  median: none ? undefined : median(times),
                };
              }),
          );
      }
    }),
  );
});
