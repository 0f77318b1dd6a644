import type { Random } from './random.js';

/** Fills an array with numbers from -1 to 1. */
export function noise(array: Float32Array, random: Random): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = 2 * random() - 1;
  return array;
}
