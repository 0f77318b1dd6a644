import { floorBytes, type Problem } from '../../generator/problem.js';
import { lengthOf, type TensorName, type TensorSet, type TensorUse, tensorsOf } from './tensors.js';

/** Where a copy reads and where it writes. */
export interface Yardstick<T> {
  readonly source: T;
  readonly destination: T;
}

/**
 * What kernels are held against: a copy that moves as many bytes as the problem must, half of its floor read and half
 * written. It goes from a tensor that the problem reads to one that it writes where those are long enough: with a stride
 * one of them is too short, for backward all are, and what wgrad writes are sums. Else it has its own.
 * @param make a tensor of so many floats
 */
export function yardstick<T>(problem: Problem, set: TensorSet<T>, make: (floats: number) => T): Yardstick<T> {
  const floats = copiedFloats(problem);
  const { source, destination } = places(problem);
  return {
    source: source === undefined ? make(floats) : set[source],
    destination: destination === undefined ? make(floats) : set[destination],
  };
}

/** How many floats a copy takes along that moves as many bytes as the problem must. */
export function copiedFloats(problem: Problem): number {
  return Math.floor(floorBytes(problem) / 2 / Float32Array.BYTES_PER_ELEMENT);
}

/** Bytes of what a copy has of its own. */
export function yardstickBytes(problem: Problem): number {
  const { source, destination } = places(problem);
  const own = [source, destination].filter((place) => place === undefined).length;
  return own * copiedFloats(problem) * Float32Array.BYTES_PER_ELEMENT;
}

/** The problem's tensors that a copy goes from and to; undefined where none is long enough. */
function places(problem: Problem): Partial<Yardstick<TensorName>> {
  const { read, written } = tensorsOf(problem);
  const long = (uses: readonly TensorUse[]) =>
    uses.find((use) => !use.isSum && lengthOf(use) >= copiedFloats(problem))?.name;
  const [source, destination] = [long(read), long(written)];
  return { ...(source && { source }), ...(destination && { destination }) };
}
