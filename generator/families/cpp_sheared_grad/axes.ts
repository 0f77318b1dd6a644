import { gradSize } from '../../gradient.js';
import type { Problem } from '../../problem.js';
import type { CpuTarget, Target } from '../../target.js';

/** Values worth trying. Tiles are shorter than fprop's: a pixel needs a register for x, dx and a tap each. */
export function gradAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const { lanes: widest, registers } = target as CpuTarget;
  return {
    length: [8, 7, 4, 6, 5, 10, 14, 3, 2, 1].filter((length) => length <= registers / 2),
    lanes: [16, 8, 4, 2, 1].filter((lanes) => lanes <= widest),
    depth: [1, 2, 4],
    band: [0, ...[4, 8, 7, 14, 28].filter((rows) => rows < gradSize(problem).height)],
    prefetch: [2, 1, 0],
    stream: problem.op === 'wgrad' ? [0] : [1, 0],
  };
}
