import { type Problem, problem } from '../problem.js';
import type { Stem } from './operation.js';

/** The convolution of a stem, of one image that its pointwise one has brought to all channels. */
export function stemConvolution({ height, width, stride, kernel, angles, channels }: Stem): Problem {
  return problem({ layout: 'nhwc', height, width, stride, kernel, angles, channels });
}
