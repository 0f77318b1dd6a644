import type { Problem } from '../generator/problem.js';

/** Whether the general kernel computes a problem: it takes every shape, forward, in float32. */
export function isGeneral({ op, dtype }: Problem): boolean {
  return op === 'fprop' && dtype === 'f32';
}
