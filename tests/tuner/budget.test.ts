import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budget, expectedGain, extraPortions, type Prospect } from '../../tuner/budget.js';

const prospects = fc.record({
  times: fc.array(fc.oneof(fc.integer({ min: 50, max: 500 }), fc.constant(Number.POSITIVE_INFINITY)), {
    maxLength: 20,
  }),
  floor: fc.integer({ min: 20, max: 100 }),
  left: fc.nat(30),
});

const settled: Prospect = { times: [300, 102, 110, 120, 130, 140], floor: 100, left: 50 };
const falling: Prospect = { times: [300, 280, 260, 240, 210, 200], floor: 100, left: 50 };
const stuck: Prospect = { times: [200, 300, 310, 320, 330, 300], floor: 100, left: 50 };

describe('a budget', () => {
  test('is shared in equal parts where each problem has a worker, or where portions would be short', () => {
    expect(budget(600, 1, 1)).toEqual({ shared: 600, kept: 0, portions: 0 });
    expect(budget(600, 4, 4)).toEqual({ shared: 600, kept: 0, portions: 0 });
    expect(budget(60, 9, 1)).toEqual({ shared: 60, kept: 0, portions: 0 });
  });

  test('is given out in full, in portions no shorter than half a part', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        (seconds, problems, width) => {
          const { shared, kept, portions } = budget(seconds, problems, width);
          expect(shared + kept).toBeCloseTo(seconds);
          expect(kept > 0).toBe(portions > 0);
          const half = shared / Math.ceil(problems / width) / 2;
          if (kept > 0) expect((kept * width) / portions).toBeGreaterThanOrEqual(0.999 * Math.max(5, half));
        },
      ),
    );
  });
});

describe('the expected gain', () => {
  test('is never more than what parts the best from its floor, and none where nothing is left', () => {
    fc.assert(
      fc.property(prospects, (one) => {
        const gain = expectedGain(one);
        const best = Math.min(...one.times);
        expect(gain).toBeGreaterThanOrEqual(0);
        if (Number.isFinite(best)) expect(gain).toBeLessThanOrEqual(Math.max(0, Math.log(best / one.floor)));
        expect(expectedGain({ ...one, left: 0 })).toBe(0);
      }),
    );
  });

  test('is larger where kernels got faster of late, and larger far from the floor', () => {
    expect(expectedGain(falling)).toBeGreaterThan(expectedGain(stuck));
    expect(expectedGain(stuck)).toBeGreaterThan(expectedGain(settled));
  });

  test('is all that is possible where the first kernel passed late', () => {
    const late = { times: [Infinity, Infinity, Infinity, 200], floor: 100, left: 9 };
    expect(expectedGain(late)).toBe(Math.log(2));
    expect(expectedGain({ ...late, times: [Infinity, Infinity] })).toBe(0);
    expect(expectedGain({ ...late, times: [] })).toBe(0);
  });
});

describe('extra portions', () => {
  test('are all handed out as long as something is to be gained, to those that may gain', () => {
    fc.assert(
      fc.property(fc.array(prospects, { maxLength: 8 }), fc.nat(20), (all, portions) => {
        const got = extraPortions(all, portions);
        const may = all.map((one) => expectedGain(one) > 0);
        expect(got).toHaveLength(all.length);
        expect(got.reduce((sum, n) => sum + n, 0)).toBe(may.includes(true) ? portions : 0);
        for (const [i, n] of got.entries()) if (!may[i]) expect(n).toBe(0);
      }),
    );
  });

  test('never give less to what may gain more', () => {
    fc.assert(
      fc.property(fc.array(prospects, { minLength: 2, maxLength: 8 }), fc.nat(20), (all, portions) => {
        const got = extraPortions(all, portions);
        for (const [i, a] of all.entries())
          for (const [j, b] of all.entries())
            if (expectedGain(a) > expectedGain(b)) expect(got[i]).toBeGreaterThanOrEqual(got[j]!);
      }),
    );
  });

  test('go to the one that keeps getting faster, then to others too', () => {
    expect(extraPortions([settled, falling, stuck], 1)).toEqual([0, 1, 0]);
    expect(extraPortions([settled, falling, stuck], 8)).toEqual([0, 5, 3]);
  });
});

test('on simulated searches, portions by gain end closer to the optimum than equal ones', () => {
  /** The best after so many trials falls towards 1, at a pace of its own. */
  const best = (pace: number, trials: number) => 1 + Math.exp(-pace * trials);
  const paces = [0.005, 0.02, 0.1, 0.5, 2];
  const trials = 10;
  const all = paces.map((pace) => ({
    times: Array.from({ length: trials }, (_, i) => best(pace, i + 1)),
    floor: 1,
    left: 100,
  }));
  const excess = (portions: readonly number[]) =>
    paces.reduce((sum, pace, i) => sum + Math.log(best(pace, trials * (1 + portions[i]!))), 0);
  const got = extraPortions(all, paces.length);
  expect(excess(got)).toBeLessThan(excess(paces.map(() => 1)));
});
