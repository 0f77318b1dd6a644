import { type Problem, weightsOf } from '../../generator/problem.js';
import type { Parameters } from '../../runtime/convolution.js';
import { noise } from '../noise.js';

/** Weights and bias of noise, as far as a problem's kernels take them: wgrad takes none, and only fprop a bias. */
export function parametersOf(problem: Problem, random: () => number): Partial<Parameters> {
  const { op, channels } = problem;
  const weight = () => noise(new Float32Array(channels * weightsOf(problem)), random);
  switch (op) {
    case 'fprop':
      return { weight: weight(), bias: noise(new Float32Array(channels), random) };
    case 'dgrad':
    case 'backward':
      return { weight: weight() };
    case 'wgrad':
      return {};
    default:
      return op satisfies never;
  }
}
