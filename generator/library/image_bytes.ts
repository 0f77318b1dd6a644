import { gunzipSync, gzipSync } from 'node:zlib';

/** A kernel's cubin as a library holds it: gzip makes it a third. */
export function packedImage(cubin: Uint8Array): Uint8Array {
  return gzipSync(cubin, { level: 9 });
}

/**
 * What a driver loads, of a file's bytes: a cubin, a fatbin or a PTX, whether gzip has packed it or not.
 * @throws Error of zlib if what is packed was cut off or changed
 */
export function unpackedImage(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}
