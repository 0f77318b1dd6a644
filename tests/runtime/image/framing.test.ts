import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framing } from '../../../runtime/image/framing.js';

const pixels = fc.integer({ min: 1, max: 5000 });

test('the middle of an image whose shorter side is 256/224 of the square', () => {
  fc.assert(
    fc.property(pixels, pixels, fc.integer({ min: 1, max: 512 }), (height, width, side) => {
      const { scaled, left, top } = framing({ height, width }, side);
      const shorter = Math.floor((256 * side) / 224);
      expect(Math.min(scaled.height, scaled.width)).toBe(shorter);
      // The longer side, rounded down.
      const ratio = Math.max(height, width) / Math.min(height, width);
      const longer = Math.max(scaled.height, scaled.width);
      expect(longer).toBeLessThanOrEqual(shorter * ratio + 1e-6);
      expect(longer).toBeGreaterThan(shorter * ratio - 1);
      expect(scaled.height < scaled.width).toBe(height < width && longer > shorter);
      for (const [start, length] of [
        [left, scaled.width],
        [top, scaled.height],
      ] as const) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(start + side).toBeLessThanOrEqual(length);
        expect(Math.abs(start - (length - side) / 2)).toBeLessThanOrEqual(0.5);
      }
    }),
  );
});

test('a half pixel goes to the even side, as in Python', () => {
  expect(framing({ height: 256, width: 256 }, 224)).toEqual({
    scaled: { height: 256, width: 256 },
    left: 16,
    top: 16,
  });
  expect(framing({ height: 256, width: 257 }, 224)).toMatchObject({ left: 16, top: 16 }); // 16.5
  expect(framing({ height: 259, width: 256 }, 224)).toMatchObject({ left: 16, top: 18 }); // 17.5
});
