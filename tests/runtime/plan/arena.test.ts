import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VARIANTS } from '../../../runtime/convnext/architecture.js';
import { standardConfig } from '../../../runtime/convnext/config.js';
import { classifierPlan, featuresPlan } from '../../../runtime/convnext/plan.js';
import { peakElements, planArena } from '../../../runtime/plan/arena.js';
import { type Lifetime, lifetimes, liveTogether } from '../../../runtime/plan/lifetimes.js';
import { ARENA_ALIGNMENT } from '../../../runtime/plan/plan.js';
import { fitWeights } from '../../../runtime/weights/model/fit_weights.js';
import { initialWeights } from '../../../runtime/weights/model/initial.js';
import { FUSIONS } from '../../support/small_networks.js';

const life = (elements: number, first: number, last: number): Lifetime => ({
  buffer: { kind: 'plan-buffer', name: 'x', elements, layout: 'nhwc' },
  first,
  last,
});

const anyLife: fc.Arbitrary<Lifetime> = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(40), fc.nat(12))
  .map(([elements, first, length]) => life(elements, first, first + length));

test('no two buffers overlap that are live together, and all lie in the arena', () => {
  fc.assert(
    fc.property(fc.array(anyLife, { maxLength: 40 }), (lives) => {
      const { elements, offsets } = planArena(lives);
      const places = lives.map((its) => {
        const begin = offsets.get(its.buffer)!;
        return { its, begin, end: begin + its.buffer.elements };
      });
      for (const [i, one] of places.entries()) {
        expect(one.begin % ARENA_ALIGNMENT).toBe(0);
        expect(one.end).toBeLessThanOrEqual(elements);
        for (const other of places.slice(0, i))
          if (liveTogether(one.its, other.its))
            expect(one.end <= other.begin || other.end <= one.begin).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('the arena is between the most that is live at once and half as much again', () => {
  fc.assert(
    fc.property(fc.array(anyLife, { minLength: 1, maxLength: 40 }), (lives) => {
      const { elements } = planArena(lives);
      const whole = lives.map((its) => life(Math.ceil(its.buffer.elements / 64) * 64, its.first, its.last));
      expect(elements).toBeGreaterThanOrEqual(peakElements(whole));
      expect(elements).toBeLessThanOrEqual(1.5 * peakElements(whole));
    }),
    { numRuns: 500 },
  );
});

test('of two gaps the smaller is taken', () => {
  const lives = [life(1024, 0, 9), life(896, 0, 1), life(832, 1, 9), life(256, 0, 1), life(192, 1, 9)];
  const late = life(100, 5, 6);
  const { offsets } = planArena([...lives, late]);
  expect(lives.map(({ buffer }) => offsets.get(buffer))).toEqual([0, 1024, 1920, 2752, 3008]);
  expect(offsets.get(late.buffer)).toBe(2752);
});

test('of nothing', () => expect(planArena([])).toEqual({ elements: 0, offsets: new Map() }));

describe.each(VARIANTS)('tiny %s', (variant) => {
  const config = standardConfig('tiny', variant);

  test.each(FUSIONS)('takes no more than is live at once, at any batch', async (fusion) => {
    const weights = await fitWeights(initialWeights(config, 1), config);
    for (const make of [classifierPlan, featuresPlan])
      for (const batch of [1, 256]) {
        const plan = make(config, weights, { batch, height: 224, width: 224, fusion });
        expect(plan.arena.elements).toBe(peakElements(lifetimes(plan)));
      }
  });
});
