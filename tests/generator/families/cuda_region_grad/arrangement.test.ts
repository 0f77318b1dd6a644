import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, type Share, timesOf } from '../../../../generator/families/cuda_region_grad/arrangement.js';

const SCHEDULERS = 4;

const anyShares = fc.array(
  fc.record({ tasks: fc.integer({ min: 1, max: 12 }), time: fc.integer({ min: 1, max: 500 }) }),
  { minLength: 1, maxLength: 6 },
);

/** All warps that are more than one a phase are the first one's. */
function lopsided(shares: readonly Share[], warps: number) {
  return {
    order: shares.map((_, i) => i),
    warps: shares.map((_, i) => (i === 0 ? warps - shares.length + 1 : 1)),
  };
}

describe('arrange', () => {
  it('has each phase once, by one warp at least and as many in all, and makes nobody busier', () => {
    fc.assert(
      fc.property(anyShares, fc.constantFrom(8, 12, 24), (shares, warps) => {
        const start = lopsided(shares, warps);
        const found = arrange(shares, start, SCHEDULERS);
        expect([...found.order].sort()).toEqual([...start.order]);
        expect(Math.min(...found.warps)).toBeGreaterThanOrEqual(1);
        expect(found.warps.reduce((sum, one) => sum + one, 0)).toBe(warps);
        const [before] = timesOf(shares, start, SCHEDULERS);
        const [after] = timesOf(shares, found, SCHEDULERS);
        expect(after).toBeLessThanOrEqual(before);
        // No less than what all have to do, however it is shared out.
        const all = shares.reduce((sum, { tasks, time }) => sum + tasks * time, 0);
        expect(after).toBeGreaterThanOrEqual(all / SCHEDULERS);
      }),
      { numRuns: 60 },
    );
  });

  it('shares even work out evenly', () => {
    const shares = Array.from({ length: 4 }, () => ({ tasks: 6, time: 100 }));
    const start = { order: [0, 1, 2, 3], warps: [3, 7, 7, 7] };
    expect(timesOf(shares, start, SCHEDULERS)).toEqual([900, 200]);
    expect(timesOf(shares, arrange(shares, start, SCHEDULERS), SCHEDULERS)[0]).toBe(600);
  });
});

describe('timesOf', () => {
  it('is what the busiest scheduler and the busiest warp have to do', () => {
    const shares = [
      { tasks: 5, time: 10 },
      { tasks: 3, time: 7 },
    ];
    // 30 and 20 of the second phase's neighbours on one scheduler, 7 a warp on the other.
    expect(timesOf(shares, { order: [0, 1], warps: [2, 3] }, 1)).toEqual([71, 30]);
    expect(timesOf(shares, { order: [1, 0], warps: [2, 2] }, 2)).toEqual([50, 30]);
  });
});
