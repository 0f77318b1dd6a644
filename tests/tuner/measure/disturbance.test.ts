import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clocks, Slowdown } from '../../../runtime/cuda/clocks.js';
import { isDisturbed, isSlowed } from '../../../tuner/measure/disturbance.js';
import { mulberry32 } from '../../../tuner/random.js';

/** Of noise with the shape of a bell, so many percent wide. */
function quiet(rounds: number, width: number, seed: number): number[] {
  const random = mulberry32(seed);
  const bell = () => random() + random() + random() + random() - 2;
  return Array.from({ length: rounds }, () => 100 * (1 + (width / 100) * bell() * Math.sqrt(3)));
}

describe('isDisturbed', () => {
  test('knows nothing from fewer than five rounds', () => {
    expect(isDisturbed(1000, [100, 100, 100, 100])).toBe(false);
    expect(isDisturbed(1000, [100, 100, 100, 100, 100])).toBe(true);
  });

  test('finds a control that is slower or faster than usual, and lets 3 % pass', () => {
    const before = quiet(20, 0.1, 1);
    expect([90, 98, 100, 102, 110].map((control) => isDisturbed(control, before))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  test('takes next to nothing of a machine that is only noisy for disturbed', () => {
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      const controls = quiet(100, 4, seed);
      for (const [i, control] of controls.entries()) if (isDisturbed(control, controls.slice(0, i))) found++;
    }
    expect(found / 10_000).toBeLessThan(0.03);
  });

  test('gets used to a step half a window later, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ min: 0.2, max: 0.9, noNaN: true }),
          fc.double({ min: 1.1, max: 5, noNaN: true }),
        ),
        fc.nat(),
        (step, seed) => {
          const controls = quiet(60, 0.2, seed).map((control, i) => control * (i < 30 ? 1 : step));
          const disturbed = controls.map((control, i) => isDisturbed(control, controls.slice(0, i)));
          expect(disturbed.slice(30, 37)).toEqual(new Array(7).fill(true));
          expect(disturbed.slice(38)).not.toContain(true);
          expect(disturbed.slice(0, 30)).not.toContain(true);
        },
      ),
    );
  });
});

describe('isSlowed', () => {
  const at = (smMHz: number, ...throttled: readonly Slowdown[]): Clocks => ({
    ...{ smMHz, throttled, memoryMHz: 3201, temperature: 50 },
  });
  const usual = new Array(20).fill(at(1980));

  test('finds a GPU that its cooling or its supply slows down, from the first round on', () => {
    const slow = ['hardware', 'thermal', 'hardware-thermal', 'power-brake'] as const;
    for (const reason of slow) expect(isSlowed(at(1980, reason), [])).toBe(true);
    expect(isSlowed(at(1980, 'power-cap', 'thermal'), [])).toBe(true);
  });

  test('lets the power limit pass, which a large GPU meets in its usual work, and what is not known', () => {
    expect(isSlowed(at(1965, 'power-cap'), usual)).toBe(false);
    expect(isSlowed(undefined, usual)).toBe(false);
  });

  test('finds a clock that was turned down, and gets used to it half a window later', () => {
    expect([1980, 1830, 1800, 345].map((clock) => isSlowed(at(clock), usual))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(isSlowed(at(1410), [...usual, ...new Array(7).fill(at(1410))])).toBe(true);
    expect(isSlowed(at(1410), [...usual, ...new Array(8).fill(at(1410))])).toBe(false);
    expect(isSlowed(at(345), usual.slice(0, 4))).toBe(false);
  });
});
