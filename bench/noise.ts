import type { Problem } from '../generator/problem.js';
import type { Parameters } from '../runtime/convolution.js';
import { mulberry32, type Random } from '../tuner/random.js';

/** Fills an array with numbers from -1 to 1. */
export function noise(array: Float32Array, random: Random): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = 2 * random() - 1;
  return array;
}

/** Weights and bias of a layer, the same at every call. */
export function parametersOf({ channels, kernel }: Problem): Parameters {
  const random = mulberry32(2);
  return {
    weight: noise(new Float32Array(channels * kernel), random),
    bias: noise(new Float32Array(channels), random),
  };
}
