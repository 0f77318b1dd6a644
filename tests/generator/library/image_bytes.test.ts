import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packedImage, unpackedImage } from '../../../generator/library/image_bytes.js';

const ELF = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0x80]);

it('comes back byte for byte, and packs the same each time', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const packed = packedImage(bytes);
      expect(Uint8Array.from(unpackedImage(packed))).toEqual(bytes);
      expect(packedImage(bytes)).toEqual(packed);
    }),
  );
});

it('leaves alone what is not packed', () => {
  for (const bytes of [ELF, Buffer.from('.version 9.0'), new Uint8Array()])
    expect(unpackedImage(bytes)).toBe(bytes);
});

it('refuses what is cut off', () => {
  expect(() => unpackedImage(packedImage(ELF).subarray(0, 12))).toThrow('unexpected end of file');
});
