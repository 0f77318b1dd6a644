import { fromBfloat16, fromFloat16 } from './half.js';

/** Element types that are read, under the names that safetensors gives them. */
export const ELEMENT_TYPES = ['F64', 'I64', 'F32', 'I32', 'F16', 'BF16', 'I16', 'I8', 'U8', 'BOOL'] as const;

export type ElementType = (typeof ELEMENT_TYPES)[number];

/** Bytes of an element in a file, little-endian. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = Object.freeze({
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
});

export function isElementType(name: string): name is ElementType {
  return ELEMENT_TYPES.some((type) => type === name);
}

/**
 * The numbers of a file as float32, which float64 and whole numbers beyond 2^24 are rounded to. float32 is not copied.
 * @param bytes a whole number of elements, from the start of their buffer on
 */
export function toFloats(type: ElementType, { buffer }: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  switch (type) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float32Array(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from({ length: buffer.byteLength / 8 }, integerAt(new BigInt64Array(buffer)));
    case 'I32':
      return new Float32Array(new Int32Array(buffer));
    case 'I16':
      return new Float32Array(new Int16Array(buffer));
    case 'I8':
      return new Float32Array(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return new Float32Array(new Uint8Array(buffer));
    case 'F16':
      return widened(new Uint16Array(buffer), fromFloat16);
    case 'BF16':
      return widened(new Uint16Array(buffer), fromBfloat16);
    default:
      return type satisfies never;
  }
}

function integerAt(integers: BigInt64Array): (_: unknown, i: number) => number {
  return (_, i) => Number(integers[i]);
}

function widened(halves: Uint16Array, widen: (half: number) => number): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = widen(halves[i]!);
  return floats;
}
