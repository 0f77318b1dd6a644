import { type Problem, problem, weightsOf } from './problem.js';

/**
 * The problem whose kernels compute this one: the problem itself, but for dgrad at stride 1. Taps are antisymmetric about
 * the centre, t[K-1-k] = -t[k], since truncation toward zero is odd, and those of a square filter are as well; so there
 *
 *   dx[i] = sum_k w[k] dy[i - t[k]] = sum_k w[K-1-k] dy[i + t[k]]
 *
 * is fprop of dy, at the same angles, with every channel's weights reversed ({@link computedWeights}). No kernel is made,
 * tuned or published for it.
 */
export function computedAs(asked: Problem): Problem {
  return isReversed(asked) ? problem({ ...asked, op: 'fprop' }) : asked;
}

/** A problem's weights [C,K], or [C,K*K], as those of the problem that it is {@link computedAs}. */
export function computedWeights(asked: Problem, weight: Float32Array): Float32Array {
  const kernel = weightsOf(asked);
  if (!isReversed(asked)) return weight;
  const reversed = weight.slice();
  for (let channel = 0; channel < asked.channels; channel++)
    reversed.subarray(channel * kernel, (channel + 1) * kernel).reverse();
  return reversed;
}

function isReversed({ op, stride }: Problem): boolean {
  return op === 'dgrad' && stride === 1;
}
