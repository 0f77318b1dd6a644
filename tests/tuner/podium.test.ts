import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median } from '../../tuner/measure/stats.js';
import { type Finisher, podium } from '../../tuner/podium.js';
import { mulberry32, shuffled } from '../../tuner/random.js';
import { compareResources } from '../../tuner/resources.js';
import { type Runner, simulatedFinal, type Weather } from '../support/simulated_final.js';

const FINALS = 300;

const WEATHERS: Readonly<Record<string, Weather>> = {
  'a quiet machine': { noise: 0.002 },
  'a noisy one': { noise: 0.02 },
  'one that drifts by a third': { noise: 0.01, state: (now) => 1 + now / 300_000 },
  'one whose clock steps': { noise: 0.01, state: (now) => (Math.floor(now / 4000) % 3 === 2 ? 1.2 : 1) },
  'one that interrupts a tenth of all': { noise: 0.01, interrupted: 0.1 },
};

const FASTEST: Runner = { kernel: 'fastest', time: 100, sharedBytes: 9 };
const CLOSE: Runner = { kernel: 'close', time: 102 };
const DEFAULT: Runner = { kernel: 'default', time: 110, isDefault: true };

/** How often something other than `right` wins, of FINALS. */
function losses(runners: readonly Runner[], weather: Weather, right: string): number {
  let lost = 0;
  for (let seed = 1; seed <= FINALS; seed++)
    if (simulatedFinal(runners, weather, seed).places[0]!.kernel !== right) lost++;
  return lost;
}

describe.each(Object.entries(WEATHERS))('on %s', (_, weather) => {
  test('a kernel that is 2 % slower wins less than one final in a hundred', () => {
    expect(losses([CLOSE, FASTEST, DEFAULT], weather, 'fastest') / FINALS).toBeLessThan(0.01);
  });

  test('the default loses to what is no faster less than one final in a hundred', () => {
    const slower = { ...FASTEST, time: 110 };
    expect(losses([slower, { ...CLOSE, time: 111 }, DEFAULT], weather, 'default') / FINALS).toBeLessThan(
      0.01,
    );
  });
});

/** Finishers with samples of any kind, some of which were beaten early. */
const finishers: fc.Arbitrary<readonly Finisher[]> = fc
  .array(
    fc.record({
      time: fc.integer({ min: 100, max: 103 }),
      sharedBytes: fc.integer({ min: 0, max: 2 }),
      rounds: fc.constantFrom(10, 30, 30),
      isDefault: fc.boolean(),
      seed: fc.nat(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    all.map(({ time, sharedBytes, rounds, isDefault, seed }, i) => {
      const random = mulberry32(seed);
      return {
        kernel: `kernel ${i}`,
        isDefault: isDefault && all.findIndex((one) => one.isDefault) === i,
        resources: { sharedBytes, registers: 0, threads: 0, length: 0 },
        samples: Array.from({ length: rounds }, () => time * (1 + 0.01 * random())),
      };
    }),
  );
const CONTROL = new Array(30).fill(80);

describe('podium', () => {
  test('is the same for finishers in any order, and leaves none out', () => {
    fc.assert(
      fc.property(finishers, fc.nat(), (all, seed) => {
        const places = podium(all, CONTROL);
        expect(podium(shuffled(all, mulberry32(seed)), CONTROL)).toEqual(places);
        expect(new Set(places)).toEqual(new Set(all));
      }),
    );
  });

  test('never has a winner that is slower than the default', () => {
    fc.assert(
      fc.property(finishers, (all) => {
        const fallback = all.find(({ isDefault }) => isDefault);
        fc.pre(fallback !== undefined);
        const [winner] = podium(all, CONTROL);
        expect(median(winner!.samples)).toBeLessThanOrEqual(median(fallback!.samples));
      }),
    );
  });

  test.each([
    ['a quiet machine', { noise: 0.002 }],
    ['a noisy one', { noise: 0.02 }],
  ])(
    'gives a tie on %s to the cheaper one nearly always, and hardly ever to one that is 1 % slower',
    (_, weather) => {
      const tied = ['a', 'b', 'c'].map((kernel, i) => ({ kernel, time: 100, sharedBytes: 3 - i }));
      const cheapest = { kernel: 'slower', time: 101.2, sharedBytes: 0 };
      const wins = new Map<string, number>();
      for (let seed = 1; seed <= 100; seed++) {
        const { kernel } = simulatedFinal([...tied, cheapest, DEFAULT], weather, seed).places[0]!;
        wins.set(kernel, (wins.get(kernel) ?? 0) + 1);
      }
      expect(wins.get('slower') ?? 0).toBeLessThan(3);
      expect(wins.get('c')).toBeGreaterThan(80);
    },
  );

  test('goes by time where there are too few rounds to tell, and then the default wins', () => {
    const one = (kernel: string, time: number, isDefault = false): Finisher => ({
      ...{ kernel, isDefault, samples: [time] },
      resources: { sharedBytes: 0, registers: 0, threads: 0, length: 0 },
    });
    const order = (all: readonly Finisher[]) => podium(all, [80]).map(({ kernel }) => kernel);
    expect(order([one('a', 3), one('b', 2), one('c', 1)])).toEqual(['c', 'b', 'a']);
    expect(order([one('a', 3, true), one('b', 2), one('c', 1)])).toEqual(['a', 'c', 'b']);
  });
});

test('resources count shared memory before registers, threads and length', () => {
  const base = { sharedBytes: 1, registers: 1, threads: 1, length: 1 };
  const dearer = [
    { ...base, length: 2 },
    { ...base, threads: 2, length: 0 },
    { ...base, registers: 2, threads: 0, length: 0 },
    { ...base, sharedBytes: 2, registers: 0, threads: 0, length: 0 },
  ];
  const all = [base, ...dearer];
  expect(all.toReversed().toSorted(compareResources)).toEqual(all);
});
