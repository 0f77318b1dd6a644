import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromCmyk } from '../../../runtime/image/cmyk.js';
import { imageElements, normalize } from '../../../runtime/image/normalize.js';

const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

test("planes of what ImageNet's mean and deviation make 0 and 1", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 27, maxLength: 27 }), fc.nat(5), (pixels, start) => {
      expect(imageElements(3)).toBe(27);
      const into = new Float32Array(start + 27 + 1).fill(-99);
      normalize(pixels, into, start);
      for (let channel = 0; channel < 3; channel++)
        for (let pixel = 0; pixel < 9; pixel++)
          expect(into[start + 9 * channel + pixel]).toBeCloseTo(
            (pixels[3 * pixel + channel]! / 255 - MEAN[channel]!) / DEVIATION[channel]!,
            5,
          );
      expect([...into.subarray(0, start), into[start + 27]]).toEqual(Array(start + 1).fill(-99));
    }),
  );
});

test('CMYK is what light is left by black and each ink', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (cmyk) => {
      const rgb = fromCmyk(cmyk);
      const light = 255 - cmyk[3]!;
      for (const i of [0, 1, 2])
        expect(Math.abs(rgb[i]! - (light * (255 - cmyk[i]!)) / 255)).toBeLessThanOrEqual(0.5);
    }),
  );
});
