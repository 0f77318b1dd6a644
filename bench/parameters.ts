import type { Problem } from '../generator/problem.js';
import type { Parameters } from '../runtime/convolution.js';
import { noise } from '../tuner/noise.js';
import { mulberry32 } from '../tuner/random.js';

/** Weights and bias of a layer, the same at every call. */
export function parametersOf({ channels, kernel }: Problem): Parameters {
  const random = mulberry32(2);
  return {
    weight: noise(new Float32Array(channels * kernel), random),
    bias: noise(new Float32Array(channels), random),
  };
}
