import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kernelGrid, type LaunchPlan, packGrid, partialFloats } from '../../generator/launch.js';

const anyPlan: fc.Arbitrary<LaunchPlan> = fc.record({
  kind: fc.constant('launch-plan' as const),
  threads: fc.integer({ min: 1, max: 1024 }),
  blocks: fc.integer({ min: 1, max: 1000 }),
  images: fc.integer({ min: 1, max: 16 }),
  sharedBytes: fc.integer({ min: 0, max: 232448 }),
  packedFloats: fc.integer({ min: 1, max: 1 << 24 }),
});

test('a grid is as many times a group of images as the batch begins', () => {
  fc.assert(
    fc.property(anyPlan, fc.integer({ min: 1, max: 1000 }), (plan, batch) => {
      const { blocks, threads } = kernelGrid(plan, batch);
      const groups = blocks / plan.blocks;
      expect(threads).toBe(plan.threads);
      expect(Number.isInteger(groups)).toBe(true);
      expect(groups * plan.images).toBeGreaterThanOrEqual(batch);
      expect((groups - 1) * plan.images).toBeLessThan(batch);
    }),
  );
});

test('packing has a thread for each packed value, and fewer than a block too many', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const { blocks, threads } = packGrid(plan);
      expect(threads).toBe(256);
      expect(blocks * threads - plan.packedFloats).toBeGreaterThanOrEqual(0);
      expect(blocks * threads - plan.packedFloats).toBeLessThan(threads);
    }),
  );
});

test('partial sums are of each group of images, and of what is there once', () => {
  const sizes = fc.record({ fixedFloats: fc.nat(1000), floatsPerGroup: fc.nat(1000) });
  fc.assert(
    fc.property(anyPlan, sizes, fc.integer({ min: 1, max: 1000 }), (plan, partial, batch) => {
      const groups = kernelGrid(plan, batch).blocks / plan.blocks;
      const floats = partialFloats({ ...plan, partial }, batch);
      expect(floats).toBe(partial.fixedFloats + groups * partial.floatsPerGroup);
      expect(partialFloats(plan, batch)).toBe(0);
    }),
  );
});
