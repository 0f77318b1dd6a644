import { type Extent, readExtent } from './checkpoint.js';
import { ELEMENT_BYTES } from './elements.js';

/** A tensor inside a storage: element (i, j, ...) is at offset + i * strides[0] + j * strides[1] + ... */
export interface View {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** PyTorch itself has no more. */
const DIMENSIONS = 64;

/**
 * Why such a view of a storage of `length` elements cannot be, or undefined if it can: everything in it is a whole
 * number from 0 on, it stays inside the storage, and it has no more elements than the storage does.
 */
export function viewFault({ offset, shape, strides }: View, length: number): string | undefined {
  const numbers = [offset, ...shape, ...strides];
  if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0))
    return 'has a size, a stride or an offset that is no whole number from 0 on';
  if (shape.length !== strides.length)
    return `has ${shape.length} dimensions, and strides for ${strides.length}`;
  if (shape.length > DIMENSIONS) return `has ${shape.length} dimensions, more than ${DIMENSIONS}`;
  const { elements, last } = reach({ offset, shape, strides });
  if (elements > length) return `has ${elements} elements, more than the ${length} of its storage`;
  if (elements > 0 ? last >= length : offset > length)
    return `reaches beyond the ${length} elements of its storage`;
  return undefined;
}

/** Numbers too large to be exact are larger than any storage, too. */
function reach({ offset, shape, strides }: View): { elements: number; last: number } {
  if (shape.includes(0)) return { elements: 0, last: offset };
  return {
    elements: shape.reduce((product, size) => product * size, 1),
    last: shape.reduce((index, size, axis) => index + (size - 1) * strides[axis]!, offset),
  };
}

/**
 * Reads the elements of a view in row-major order, and of its storage only what lies between the first and the last.
 * The checksum tells only of all of it.
 */
export async function readView(storage: Extent, view: View): Promise<Float32Array<ArrayBuffer>> {
  const { elements, last } = reach(view);
  if (elements === 0) return new Float32Array(0);
  const length = last - view.offset + 1;
  const start = storage.start + view.offset * ELEMENT_BYTES[storage.type];
  const crc = length === storage.length ? storage.crc : undefined;
  const span = await readExtent({ ...storage, start, length, crc });
  return isRowMajor(view) ? span : gathered(span, view, elements);
}

function isRowMajor({ shape, strides }: View): boolean {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return true;
}

function gathered(span: Float32Array, { shape, strides }: View, elements: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(elements);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < elements; to++) {
    out[to] = span[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
