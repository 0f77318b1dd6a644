import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sampling, Timed } from '../../../tuner/measure/batch.js';
import { clocked, type Run } from '../../../tuner/measure/clocked.js';
import { measureInterleaved } from '../../../tuner/measure/interleaved.js';
import { measure } from '../../../tuner/measure/sampler.js';
import { mulberry32 } from '../../../tuner/random.js';
import { TestClock } from '../../support/test_clock.js';

const STOPPING = { precision: 0.01, minSamples: 10, maxSamples: 40, budget: 1e9 };

/** Runs on one set of buffers, timed by the clock that they move. */
const on = (clock: TestClock, ...runs: readonly Run[]) => runs.map((run) => clocked(run, 1, clock.read));

function sampling(clock: TestClock, changes: Partial<Sampling> = {}): Sampling {
  return { clock: clock.read, warmup: 0, shortest: 50, stopping: STOPPING, ...changes };
}

describe('measureInterleaved', () => {
  test('measures nothing of nothing', () => {
    expect(measureInterleaved([], sampling(new TestClock()))).toEqual([]);
  });

  test('runs each once a round, in orders that change', () => {
    const clock = new TestClock();
    const log: number[] = [];
    const runs = [0, 1, 2].map((i) => () => {
      log.push(i);
      clock.pass(100 + i);
    });
    const measurements = measureInterleaved(on(clock, ...runs), sampling(clock));
    expect(measurements.map(({ median }) => median)).toEqual([100, 101, 102]);
    expect(measurements.map(({ samples }) => samples.length)).toEqual([10, 10, 10]);

    const timed = log.slice(3); // after one warm-up run each
    const rounds = Array.from({ length: 10 }, (_, r) => timed.slice(3 * r, 3 * r + 3));
    expect(timed).toHaveLength(30);
    for (const round of rounds) expect([...round].sort()).toEqual([0, 1, 2]);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(2);
  });

  test('gives all the same number of samples, and goes on until the loudest has settled', () => {
    const clock = new TestClock();
    const random = mulberry32(4);
    const quiet = () => clock.pass(100);
    const loud = () => clock.pass(100 + 10 * random());
    const [one, two] = measureInterleaved(
      on(clock, quiet, loud),
      sampling(clock, { stopping: { ...STOPPING, maxSamples: 400 } }),
    );
    expect(one!.samples.length).toBeGreaterThan(10);
    expect(two!.samples).toHaveLength(one!.samples.length);
    expect([one!.stop, two!.stop]).toEqual(['settled', 'settled']);
  });

  test.each([
    [{ maxSamples: 12 }, 'samples'],
    [{ budget: 3000 }, 'budget'],
  ] as const)('stops all at once with %o', (limit, stop) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60, max: 300 }), { minLength: 1, maxLength: 6 }), (times) => {
        const clock = new TestClock();
        const random = mulberry32(times.length);
        const runs = times.map((time) => () => clock.pass(time * (1 + 3 * random())));
        const all = measureInterleaved(
          on(clock, ...runs),
          sampling(clock, { stopping: { ...STOPPING, precision: 0, ...limit } }),
        );
        expect(new Set(all.map(({ samples }) => samples.length)).size).toBe(1);
        expect(all.every((one) => one.stop === stop)).toBe(true);
      }),
    );
  });

  test('compares fairly on a machine that slows down, where one after the other does not', () => {
    const clock = new TestClock();
    const slowing = (time: number) => () => clock.pass(time * (1 + clock.read() / 20_000));
    const [better, worse] = on(clock, slowing(100), slowing(105)) as [Timed, Timed];
    const rule = sampling(clock, { stopping: { ...STOPPING, precision: 0, maxSamples: 30 } });

    const alone = [worse, better].map((run) => measure(run, rule).median);
    expect(alone[0]).toBeLessThan(alone[1]!);
    const [first, second] = measureInterleaved([worse, better], rule);
    expect(first!.median).toBeGreaterThan(second!.median);
  });

  test('repeats short runs as often as each needs', () => {
    const clock = new TestClock();
    const all = measureInterleaved(
      on(
        clock,
        () => clock.pass(1),
        () => clock.pass(8),
        () => clock.pass(64),
      ),
      sampling(clock),
    );
    expect(all.map(({ repetitions }) => repetitions)).toEqual([64, 8, 1]);
    expect(all.map(({ median }) => median)).toEqual([1, 8, 64]);
  });
});
