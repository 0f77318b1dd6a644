import zlib from 'node:zlib';

/** CRC-32 of IEEE 802.3, as zip files have it of each part. Node's own is faster, and there from 20.15 on. */
export const crc32: (bytes: Uint8Array) => number = zlib.crc32 ?? tableCrc32;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

export function tableCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}
