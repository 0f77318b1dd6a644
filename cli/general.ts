import type { Problem } from '../generator/problem.js';

/** Whether a general kernel computes a problem: they take every shape, fprop and dgrad, in float32. */
export function isGeneral({ op, dtype }: Problem): boolean {
  return (op === 'fprop' || op === 'dgrad') && dtype === 'f32';
}
