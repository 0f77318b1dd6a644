/**
 * 16-bit floats as bits: float16 (1 sign, 5 exponent, 10 fraction; IEEE 754 binary16) and bfloat16, the upper half of a
 * float32. Narrowing rounds to the nearest, ties to even.
 */
const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** What is beyond 65504 becomes infinite. */
export function toFloat16(value: number): number {
  floats[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // Below 2^-14 a float16 has fixed steps of 2^-24, which float32 rounds to when 2^-24 is its own last place: at 0.5.
  if (magnitude < 0x38800000) {
    floats[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  return sign | Math.min(0x7c00, (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return floats[0]!;
}

export function toBfloat16(value: number): number {
  floats[0] = value;
  const word = bits[0]!;
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}
