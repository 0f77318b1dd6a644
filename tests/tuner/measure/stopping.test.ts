import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativeHalfWidth } from '../../../tuner/measure/stats.js';
import { type StoppingRule, stopping } from '../../../tuner/measure/stopping.js';
import { mulberry32 } from '../../../tuner/random.js';

const RULE: StoppingRule = { precision: 0.01, minSamples: 10, maxSamples: 500, budget: 1e6 };

/** Samples 100 + noise * U(0, 1), each of which passes that time, until the rule stops. */
function sampleUntilStop(noise: number, rule: StoppingRule) {
  const random = mulberry32(1);
  const samples: number[] = [];
  for (let elapsed = 0; ; ) {
    const sample = 100 + noise * random();
    samples.push(sample);
    elapsed += sample;
    const stop = stopping(samples, elapsed, rule);
    if (stop) return { stop, samples, elapsed };
  }
}

describe('stopping', () => {
  test('settles at once on a quiet machine, after the fewest samples', () => {
    expect(sampleUntilStop(0, RULE)).toMatchObject({ stop: 'settled', samples: { length: 10 } });
  });

  test('takes more samples the more noise there is', () => {
    const lengths = [1, 10, 20].map((noise) => {
      const { stop, samples } = sampleUntilStop(noise, RULE);
      expect(stop).toBe('settled');
      expect(relativeHalfWidth(samples)).toBeLessThanOrEqual(0.01);
      if (samples.length > 10) expect(relativeHalfWidth(samples.slice(0, -1))).toBeGreaterThan(0.01);
      return samples.length;
    });
    expect(lengths[0]).toBe(10);
    expect(lengths[1]).toBeGreaterThan(10);
    expect(lengths[2]).toBeGreaterThan(lengths[1]!);
  });

  test('gives up on a loud machine, by samples or by time', () => {
    expect(sampleUntilStop(500, RULE)).toMatchObject({ stop: 'samples', samples: { length: 500 } });
    const { stop, samples, elapsed } = sampleUntilStop(500, { ...RULE, budget: 5000 });
    expect(stop).toBe('budget');
    expect(elapsed).toBeGreaterThanOrEqual(5000);
    expect(elapsed - samples.at(-1)!).toBeLessThan(5000);
  });

  test('lets the budget and the most samples win over the fewest', () => {
    expect(stopping([1e9], 1e9, RULE)).toBe('budget');
    expect(stopping([1, 1, 1], 3, { ...RULE, maxSamples: 3 })).toBe('samples');
    expect(stopping([1, 1, 1], 3, RULE)).toBeUndefined();
  });

  test('never goes beyond the most samples', () => {
    const rule = fc.record({
      precision: fc.double({ min: 0, max: 0.1, noNaN: true }),
      minSamples: fc.integer({ min: 1, max: 40 }),
      maxSamples: fc.integer({ min: 1, max: 60 }),
      budget: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(rule, fc.nat(200), (rule, noise) => {
        const { stop, samples } = sampleUntilStop(noise, rule);
        expect(samples.length).toBeLessThanOrEqual(rule.maxSamples);
        if (stop === 'settled') expect(samples.length).toBeGreaterThanOrEqual(rule.minSamples);
      }),
    );
  });
});
