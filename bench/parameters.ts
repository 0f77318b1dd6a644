import type { Problem } from '../generator/problem.js';
import type { Parameters } from '../runtime/convolution.js';
import { mulberry32 } from '../tuner/random.js';
import { parametersOf as parametersFrom } from '../tuner/trial/parameters.js';

/** Weights and bias of a layer, as far as its kernels take them, the same at every call. */
export function parametersOf(layer: Problem): Partial<Parameters> {
  return parametersFrom(layer, mulberry32(2));
}
