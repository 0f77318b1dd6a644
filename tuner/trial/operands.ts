import { inputElements, outputElements, type Problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import type { Parameters } from '../../runtime/convolution.js';
import { shape } from '../../runtime/shape.js';
import { noise } from '../noise.js';
import { mulberry32 } from '../random.js';

/** What a kernel of a problem is given, and what it must make of that. */
export interface Operands {
  readonly parameters: Parameters;
  /** The first images of an input; the rest of the batch repeats them. */
  readonly input: Float32Array;
  /** Their outputs, float64. */
  readonly reference: Float64Array;
  /** How many they are. */
  readonly images: number;
}

/** The reference costs as much as many runs; the second image shows whether images are told apart. */
const VERIFIED_IMAGES = 2;

/** @param seed decides all values */
export function operands(problem: Problem, seed: number): Operands {
  const random = mulberry32(seed);
  const { op, channels, kernel, batch } = problem;
  const parameters = {
    weight: noise(new Float32Array(channels * kernel), random),
    ...(op !== 'dgrad' && { bias: noise(new Float32Array(channels), random) }),
  };
  const images = Math.min(batch, VERIFIED_IMAGES);
  const input = noise(new Float32Array((inputElements(problem) / batch) * images), random);
  return { parameters, input, reference: referenceOf(problem, parameters, input, images), images };
}

function referenceOf(
  problem: Problem,
  { weight, bias }: Parameters,
  input: Float32Array,
  images: number,
): Float64Array {
  const output = new Float64Array((outputElements(problem) / problem.batch) * images);
  addon().reference(shape(problem), weight, bias ?? null, false, input, output, images);
  return output;
}
