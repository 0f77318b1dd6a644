import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blocksOf } from '../../../../generator/operations/cpp/vectors.js';

it('blocks take each channel once, in order, and are of whole vectors first', () => {
  const lanes = fc.constantFrom(2, 4, 8, 16);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      lanes,
      fc.integer({ min: 1, max: 7 }),
      (channels, width, most) => {
        const blocks = blocksOf(channels, width, most);
        let next = 0;
        for (const block of blocks) {
          expect(block.from).toBe(next);
          expect(block.vectors).toBeGreaterThanOrEqual(1);
          expect(block.vectors).toBeLessThanOrEqual(most);
          next += block.lanes * block.vectors;
        }
        expect(next).toBe(channels);
        const narrow = blocks.map((block) => block.lanes).filter((count) => count < width);
        expect(narrow).toEqual([...new Set(narrow)].sort((a, b) => b - a));
        const whole = blocks.filter((block) => block.lanes === width).map((block) => block.vectors);
        expect(Math.max(0, ...whole) - Math.min(...whole, most)).toBeLessThanOrEqual(
          whole.length > 0 ? 1 : most,
        );
      },
    ),
  );
});
