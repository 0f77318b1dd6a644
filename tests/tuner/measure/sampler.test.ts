import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sampling, Timed } from '../../../tuner/measure/batch.js';
import { clocked, type Run } from '../../../tuner/measure/clocked.js';
import { measure } from '../../../tuner/measure/sampler.js';
import { mulberry32 } from '../../../tuner/random.js';
import { TestClock } from '../../support/test_clock.js';

const STOPPING = { precision: 0.01, minSamples: 10, maxSamples: 30, budget: 1e9 };

/** A run on one set of buffers, timed by the clock that it moves. */
const on = (clock: TestClock, run: Run, sets = 1) => clocked(run, sets, clock.read);

function sampling(clock: TestClock, changes: Partial<Sampling> = {}): Sampling {
  return { clock: clock.read, warmup: 0, shortest: 50, stopping: STOPPING, ...changes };
}

describe('measure', () => {
  test('times one run at a time where a run is long enough', () => {
    const clock = new TestClock();
    let runs = 0;
    const run = () => {
      runs++;
      clock.pass(50);
    };
    const measurement = measure(on(clock, run), sampling(clock));
    expect(measurement).toEqual({
      kind: 'measurement',
      samples: new Array(10).fill(50),
      median: 50,
      spread: 0,
      repetitions: 1,
      stop: 'settled',
    });
    expect(runs).toBe(11);
  });

  test('repeats short runs until a sample lasts at least 50 microseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3200 }), (sixtyfourths) => {
        const clock = new TestClock();
        const time = sixtyfourths / 64; // exact sums
        const { median, repetitions } = measure(
          on(clock, () => clock.pass(time)),
          sampling(clock),
        );
        expect(median).toBe(time);
        expect(repetitions * time).toBeGreaterThanOrEqual(50);
        expect(repetitions === 1 || (repetitions * time) / 2 < 50).toBe(true);
      }),
    );
  });

  test('is off by little on a clock that ticks coarsely', () => {
    const clock = new TestClock();
    const coarse = () => Math.floor(clock.read());
    const { median } = measure(
      clocked(() => clock.pass(0.37), 1, coarse),
      sampling(clock),
    );
    expect(Math.abs(median / 0.37 - 1)).toBeLessThan(0.02);
  });

  test('does not take an interrupted batch for a long one', () => {
    const clock = new TestClock();
    let runs = 0;
    const { repetitions } = measure(
      on(clock, () => clock.pass(++runs === 3 ? 5000 : 2)),
      sampling(clock),
    );
    expect(repetitions).toBe(32);
  });

  test('comes to an end on a clock that stands still', () => {
    const still = new TestClock();
    expect(
      measure(
        on(still, () => {}),
        sampling(still),
      ),
    ).toMatchObject({
      median: 0,
      spread: 0,
      stop: 'settled',
    });
  });

  test('warms up for its time, with a run at the least, and counts none of it', () => {
    for (const [warmup, cold] of [
      [0, 1],
      [1000, 10],
      [1050, 11],
    ] as const) {
      const clock = new TestClock();
      let runs = 0;
      const { samples } = measure(
        on(clock, () => clock.pass(++runs <= cold ? 100 : 60)),
        sampling(clock, { warmup }),
      );
      expect(samples).toEqual(new Array(10).fill(60));
      expect(runs).toBe(cold + 10);
    }
  });

  test('stops a slow run when its budget is spent, warm-up included', () => {
    const clock = new TestClock();
    let runs = 0;
    const run = () => {
      runs++;
      clock.pass(1e6);
    };
    const measurement = measure(
      on(clock, run),
      sampling(clock, { warmup: 500, stopping: { ...STOPPING, budget: 3e6 } }),
    );
    expect(measurement).toMatchObject({ samples: [1e6, 1e6], stop: 'budget' });
    expect(runs).toBe(3);
  });

  test('takes the sets of buffers in turn, across warm-up and samples', () => {
    const clock = new TestClock();
    const sets: number[] = [];
    const run = (set: number) => {
      sets.push(set);
      clock.pass(20);
    };
    measure(on(clock, run, 3), sampling(clock));
    expect(sets.length).toBeGreaterThan(30);
    expect(sets).toEqual(sets.map((_, i) => i % 3));
  });

  test('finds the time of a run under noise with a long tail', () => {
    const clock = new TestClock();
    const random = mulberry32(2);
    const stopping = { precision: 0.005, minSamples: 10, maxSamples: 5000, budget: 1e9 };
    const { median, stop } = measure(
      on(clock, () => clock.pass(random() < 0.05 ? 2000 : 100 + 4 * random())),
      sampling(clock, { stopping }),
    );
    expect(stop).toBe('settled');
    expect(Math.abs(median - 102.1) / 102.1).toBeLessThan(0.01);
  });

  test('fills a sample with graphs of several runs, and gives the time of one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4000 }), (runs, quarters) => {
        const clock = new TestClock();
        const each = quarters / 4;
        const graph: Timed = {
          runs,
          time(repetitions) {
            clock.pass(each * runs * repetitions);
            return each;
          },
        };
        const { median, repetitions } = measure(graph, sampling(clock, { shortest: 1000 }));
        expect(median).toBe(each);
        expect(repetitions % runs).toBe(0);
        expect(repetitions * each).toBeGreaterThanOrEqual(1000);
        expect(repetitions === runs || (repetitions * each) / 2 < 1000).toBe(true);
      }),
    );
  });

  test.each([
    [100, { stop: 'beaten', samples: [100, 100, 100] }, 10 + 3],
    [99, { stop: 'settled', samples: new Array(10).fill(99) }, 81 + 10],
  ])(
    'runs %d for an eighth of the warm-up and thrice more where 99 is the bar, or all',
    (time, expected, runs) => {
      const clock = new TestClock();
      let made = 0;
      const run = () => {
        made++;
        clock.pass(time);
      };
      const stopping = { ...STOPPING, bar: 99 };
      const measurement = measure(on(clock, run), sampling(clock, { warmup: 8000, stopping }));
      expect(measurement).toMatchObject(expected);
      expect(made).toBe(runs);
    },
  );

  test('lets a run pass of which only the first samples are beyond the bar', () => {
    const clock = new TestClock();
    let made = 0;
    const run = () => clock.pass(++made <= 9 ? 150 : 90);
    const stopping = { ...STOPPING, bar: 99 };
    const { stop, samples } = measure(on(clock, run), sampling(clock, { warmup: 8000, stopping }));
    expect(stop).toBe('settled');
    expect(new Set(samples)).toEqual(new Set([90]));
  });
});
