import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchersOf, splitOf } from '../../../../generator/families/cuda_region_grad/split.js';

const BESIDE = 8;

/** How often the busiest of the warps copies, counted pixel by pixel: warp w has rows w / split, and of them each split-th eight. */
function turns(height: number, width: number, fetchers: number, split: number): number {
  const counts = Array.from({ length: fetchers }, (_, warp) => {
    let count = 0;
    for (let row = Math.floor(warp / split); row < height; row += fetchers / split)
      for (let x = (warp % split) * BESIDE; x < width; x += split * BESIDE) count++;
    return count;
  });
  return Math.max(...counts);
}

describe('splitOf', () => {
  it('is the best of all that divide the warps and keep their rows apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(2, 4, 8, 16, 20, 24, 28),
        fc.constantFrom(1, 2),
        (height, width, fetchers, apart) => {
          const split = splitOf({ height, width }, fetchers, apart);
          expect(fetchers % (split * apart)).toBe(0);
          const all = Array.from({ length: fetchers }, (_, i) => i + 1).filter(
            (one) => fetchers % (one * apart) === 0,
          );
          const best = Math.min(...all.map((one) => turns(height, width, fetchers, one)));
          expect(turns(height, width, fetchers, split)).toBe(best);
        },
      ),
    );
  });

  it('lets 24 warps copy 28 rows of 28 pixels five times each in place of eight', () => {
    expect(splitOf({ height: 28, width: 28 }, 24, 2)).toBe(4);
    expect([1, 4].map((split) => turns(28, 28, 24, split))).toEqual([8, 5]);
  });
});

describe('fetchersOf', () => {
  it('is all warps where none does nothing else', () => {
    expect(fetchersOf({ warps: 24, producers: 0 })).toBe(24);
    expect(fetchersOf({ warps: 24, producers: 4 })).toBe(4);
  });
});
