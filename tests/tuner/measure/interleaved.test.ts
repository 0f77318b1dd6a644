import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clocks, Slowdown } from '../../../runtime/cuda/clocks.js';
import type { Sampling, Timed } from '../../../tuner/measure/batch.js';
import { clocked, type Run } from '../../../tuner/measure/clocked.js';
import { type Interleaved, measureInterleaved } from '../../../tuner/measure/interleaved.js';
import { compare } from '../../../tuner/measure/paired.js';
import { measure } from '../../../tuner/measure/sampler.js';
import { mulberry32 } from '../../../tuner/random.js';
import { TestClock } from '../../support/test_clock.js';

const STOPPING = { precision: 0.01, minSamples: 10, maxSamples: 40, budget: 1e9 };

/** Runs on one set of buffers, timed by the clock that they move. */
const on = (clock: TestClock, ...runs: readonly Run[]) => runs.map((run) => clocked(run, 1, clock.read));

function sampling(clock: TestClock, changes: Partial<Sampling> = {}): Sampling {
  return { clock: clock.read, warmup: 0, shortest: 50, stopping: STOPPING, ...changes };
}

/** The last one is the control. */
function interleaved(all: readonly Timed[], how: Sampling, incumbent?: number): Interleaved {
  return measureInterleaved({ kernels: all.slice(0, -1), control: all.at(-1)!, incumbent }, how);
}
const lanes = ({ kernels, control }: Interleaved) => [...kernels, control];

describe('measureInterleaved', () => {
  test('runs each once a round, in orders that change', () => {
    const clock = new TestClock();
    const log: number[] = [];
    const runs = [0, 1, 2].map((i) => () => {
      log.push(i);
      clock.pass(1000 + i);
    });
    const measurements = lanes(interleaved(on(clock, ...runs), sampling(clock), 1));
    expect(measurements.map(({ median }) => median)).toEqual([1000, 1001, 1002]);
    expect(measurements.map(({ samples }) => samples.length)).toEqual([10, 10, 10]);

    const timed = log.slice(3); // after one warm-up run each
    const rounds = Array.from({ length: 10 }, (_, r) => timed.slice(3 * r, 3 * r + 3));
    expect(timed).toHaveLength(30);
    for (const round of rounds) expect([...round].sort()).toEqual([0, 1, 2]);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(2);
  });

  test('goes on until the loudest has settled, the control too', () => {
    const clock = new TestClock();
    const random = mulberry32(4);
    const quiet = () => clock.pass(100);
    const loud = () => clock.pass(100 + 10 * random());
    const [one, two] = lanes(
      interleaved(on(clock, quiet, loud), sampling(clock, { stopping: { ...STOPPING, maxSamples: 400 } })),
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
      fc.property(fc.array(fc.integer({ min: 60, max: 300 }), { minLength: 2, maxLength: 6 }), (times) => {
        const clock = new TestClock();
        const random = mulberry32(times.length);
        const runs = times.map((time) => () => clock.pass(time * (1 + 3 * random())));
        const all = interleaved(
          on(clock, ...runs),
          sampling(clock, { stopping: { ...STOPPING, precision: 0, ...limit } }),
        );
        const running = lanes(all).filter((one) => one.stop === stop);
        expect(running.length).toBeGreaterThan(1);
        expect(running).toContain(all.control);
        expect(new Set(running.map(({ samples }) => samples.length)).size).toBe(1);
        expect(lanes(all).every((one) => running.includes(one) || one.stop === 'settled')).toBe(true);
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
    const [first, second] = lanes(interleaved([worse, better, better], rule));
    expect(compare(first!.samples, second!.samples)).toBe('slower');
  });

  test('repeats short runs as often as each needs', () => {
    const clock = new TestClock();
    const all = lanes(
      interleaved(
        on(
          clock,
          () => clock.pass(1),
          () => clock.pass(8),
          () => clock.pass(64),
        ),
        sampling(clock),
      ),
    );
    expect(all.map(({ repetitions }) => repetitions)).toEqual([64, 8, 1]);
    expect(all.map(({ median }) => median)).toEqual([1, 8, 64]);
  });

  test('takes no more samples of what is beaten, unless it is the incumbent', () => {
    const clock = new TestClock();
    const random = mulberry32(3);
    const run = (time: number) => () => clock.pass(time * (1 + 0.02 * random()));
    const { kernels, control } = interleaved(
      on(clock, run(100), run(150), run(100.2), run(130), run(100)),
      sampling(clock, { stopping: { ...STOPPING, precision: 0, maxSamples: 200 } }),
      3,
    );
    expect(control.samples).toHaveLength(200);
    expect(kernels.map(({ samples }) => samples.length)).toEqual([200, 10, expect.any(Number), 200]);
    expect(kernels[2]!.samples.length).toBeGreaterThan(10);
  });

  /** Two kernels and a copy, slower by a factor in some of the rounds; a round begins with the least that was run. */
  function disturbed(rounds: number, factor: (round: number) => number): Interleaved {
    const clock = new TestClock();
    const made = [0, 0, 0];
    const runs = [100, 200, 150].map((time, i) => () => {
      const round = made[i]! - 1; // one run warms up
      made[i]!++;
      clock.pass(time * factor(round));
    });
    return interleaved(
      on(clock, ...runs),
      sampling(clock, { stopping: { ...STOPPING, precision: 0.2, minSamples: rounds, maxSamples: rounds } }),
      1,
    );
  }

  test('makes rounds again that were disturbed, and says how many', () => {
    const { kernels, control, retaken } = disturbed(30, (round) => (round % 7 === 6 ? 1.5 : 1));
    expect(retaken).toBe(4);
    expect(kernels.map(({ samples }) => new Set(samples))).toEqual([new Set([100]), new Set([200])]);
    expect(new Set(control.samples)).toEqual(new Set([150]));
  });

  test('takes a step that stays for usual after half a window', () => {
    const { kernels, retaken } = disturbed(30, (round) => (round < 20 ? 1 : 1.25));
    expect(retaken).toBe(8);
    expect(kernels[0]!.samples).toEqual([...new Array(20).fill(100), ...new Array(10).fill(125)]);
  });

  test('makes no more than forty again', () => {
    const { retaken, control } = disturbed(200, (round) => (round % 3 === 2 ? 1.5 : 1));
    expect(retaken).toBe(40);
    expect(control.samples.filter((sample) => sample !== 150).length).toBeGreaterThan(30);
  });

  test('makes no round again when its time is over', () => {
    const clock = new TestClock();
    let rounds = 0;
    const control = () => clock.pass(++rounds > 8 ? 1e6 : 100); // one warms up
    const { retaken, control: taken } = interleaved(
      on(clock, () => clock.pass(100), control),
      sampling(clock, { stopping: { ...STOPPING, precision: 0, maxSamples: 100, budget: 2.5e6 } }),
    );
    expect(retaken).toBe(2);
    expect(taken).toMatchObject({ samples: [...new Array(7).fill(100), 1e6], stop: 'budget' });
  });

  /** Rounds on a device that tells how it fares in each. */
  function told(rounds: number, clocks: (round: number) => Clocks | undefined): Interleaved {
    const clock = new TestClock();
    const [kernel, control] = on(
      clock,
      () => clock.pass(100),
      () => clock.pass(150),
    ) as [Timed, Timed];
    let round = 0;
    return measureInterleaved(
      { kernels: [kernel], control, incumbent: undefined, clocks: () => clocks(round++) },
      sampling(clock, { stopping: { ...STOPPING, precision: 0, minSamples: rounds, maxSamples: rounds } }),
    );
  }
  const fares = (smMHz: number, temperature: number, ...throttled: readonly Slowdown[]): Clocks => ({
    ...{ smMHz, temperature, throttled, memoryMHz: 3201 },
  });

  test('makes rounds again in which a GPU says that it was slowed down, though its control shows nothing', () => {
    const { retaken, clocks } = told(30, (round) =>
      round % 10 === 9 ? fares(1500, 90, 'hardware-thermal') : fares(1980, 60, 'power-cap'),
    );
    expect(retaken).toBe(3);
    expect(clocks).toEqual({
      smMHz: { low: 1980, high: 1980 },
      memoryMHz: { low: 3201, high: 3201 },
      temperature: { low: 60, high: 60 },
      throttled: ['power-cap'],
    });
  });

  test('ends up with slowed rounds on a GPU that is never well, and says so', () => {
    const { retaken, clocks, control } = told(30, () => fares(1200, 92, 'hardware'));
    expect([retaken, control.samples.length]).toEqual([40, 30]);
    expect(clocks).toMatchObject({ smMHz: { low: 1200 }, throttled: ['hardware'] });
  });

  test('says nothing of clocks where the device does not', () => {
    expect(told(12, () => undefined)).toMatchObject({ retaken: 0, clocks: undefined });
  });
});
