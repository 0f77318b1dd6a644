import type { NamedTensor } from '../checkpoint.js';
import { ELEMENT_BYTES } from '../elements.js';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../half.js';

/** Element types that are written. */
export const WRITTEN_TYPES = ['F64', 'I64', 'F32', 'F16', 'BF16'] as const;

export type WrittenType = (typeof WRITTEN_TYPES)[number];

/** What a file gets of a tensor. */
export interface Planned {
  readonly tensor: NamedTensor;
  readonly type: WrittenType;
  readonly bytes: number;
}

/** Numbers as a file holds them, or the first that the type cannot hold: a fraction as I64, 70000 as F16. */
export function encode(type: WrittenType, floats: Float32Array): Uint8Array | { readonly unfit: number } {
  switch (type) {
    case 'F32':
      return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
    case 'F64':
      return new Uint8Array(new Float64Array(floats).buffer);
    case 'I64': {
      const unfit = floats.find((value) => !Number.isInteger(value) || Math.abs(value) >= 2 ** 63);
      return unfit === undefined
        ? new Uint8Array(BigInt64Array.from(floats, (value) => BigInt(value)).buffer)
        : { unfit };
    }
    case 'F16':
      return narrowed(floats, toFloat16, fromFloat16);
    case 'BF16':
      return narrowed(floats, toBfloat16, fromBfloat16);
    default:
      return type satisfies never;
  }
}

function narrowed(
  floats: Float32Array,
  narrow: (value: number) => number,
  widen: (half: number) => number,
): Uint8Array | { readonly unfit: number } {
  const halves = Uint16Array.from(floats, narrow);
  const unfit = floats.find((value, i) => Number.isFinite(value) && !Number.isFinite(widen(halves[i]!)));
  return unfit === undefined ? new Uint8Array(halves.buffer) : { unfit };
}

/**
 * In the order of the format's own library: wide types first, so that each starts at a multiple of its size, then by name.
 */
export function ordered(plan: readonly Planned[]): readonly Planned[] {
  return plan.toSorted(
    (a, b) =>
      ELEMENT_BYTES[b.type] - ELEMENT_BYTES[a.type] ||
      (a.tensor.name < b.tensor.name ? -1 : Number(a.tensor.name > b.tensor.name)),
  );
}
