import type { GeneralOp } from '../generator/families/general_name.js';
import type { Problem } from '../generator/problem.js';

/**
 * The operations of the general kernels that compute a problem, one after the other: they take every shape, in float32.
 * There is none for backward, which is dgrad and wgrad. None at all for other types.
 */
export function generalOps({ op, dtype }: Problem): readonly GeneralOp[] {
  if (dtype !== 'f32') return [];
  return op === 'backward' ? ['dgrad', 'wgrad'] : [op];
}

/** `the general kernel`, or both; undefined where none computes a problem. */
export function generalWords(problem: Problem): string | undefined {
  const { length } = generalOps(problem);
  return length === 0 ? undefined : `the general kernel${length > 1 ? 's' : ''}`;
}
