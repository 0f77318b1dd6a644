import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, tableCrc32 } from '../../../runtime/weights/crc32.js';

test.each([crc32, tableCrc32])('the catalogue value', (checksum) => {
  expect(checksum(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(checksum(new Uint8Array())).toBe(0);
});

test('one is the other', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => tableCrc32(bytes) === crc32(bytes)));
});
