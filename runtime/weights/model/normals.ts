import { createCipheriv, createHash } from 'node:crypto';

/**
 * Normally distributed numbers around 0, the same for the same key everywhere: a cipher's key stream, two words a pair,
 * through Box and Muller's transform.
 * @param deviation standard deviation
 */
export function normals(length: number, deviation: number, key: string): Float32Array<ArrayBuffer> {
  const out = new Float32Array(length);
  const words = keyStream(key);
  let block = words();
  for (let i = 0, at = 0; i < length; i += 2, at += 2) {
    if (at === block.length) {
      block = words();
      at = 0;
    }
    // In (0, 1], since the logarithm of 0 is none.
    const radius = deviation * Math.sqrt(-2 * Math.log((block[at]! + 1) / 2 ** 32));
    const angle = (2 * Math.PI * block[at + 1]!) / 2 ** 32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

const BLOCK = new Uint8Array(1 << 16);

/** 32-bit words, 2^14 a call. */
function keyStream(key: string): () => Uint32Array {
  const secret = createHash('sha256').update(key).digest();
  const cipher = createCipheriv('aes-256-ctr', secret, new Uint8Array(16));
  return () => new Uint32Array(new Uint8Array(cipher.update(BLOCK)).buffer);
}
