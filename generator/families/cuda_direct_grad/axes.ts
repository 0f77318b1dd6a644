import { groups } from '../../group.js';
import { type Problem, weightsOf } from '../../problem.js';
import { tileLengths, widestGroup } from '../chunk.js';
import { WARP } from '../multiprocessor.js';

/** Kernels of fewer taps have little code, and little that registers must hold. */
const LONG = 13;

/** Values worth trying; which of them go together is what the rules say. */
export function directGradAxes(problem: Problem): Readonly<Record<string, readonly number[]>> {
  const { op, filter, height, width, stride } = problem;
  const side = Math.ceil(Math.max(height, width) / stride);
  const lanes = lanesFor(problem);
  const lengths = tileLengths(problem, { height: side, width: side });
  // Lines of a plane, at most, by those that two warps have at a time.
  const steps = (side * lanes.at(-1)!) / WARP;
  const walks = op !== 'dgrad';
  const long = weightsOf(problem) >= LONG;
  return {
    length: filter === 'square' ? [...lengths, SHORT] : [...new Set([...lengths, Math.min(side, SHORT)])],
    vector: [2, 1],
    lanes,
    along: [1, 2, 4],
    across: [8, 4, 2],
    steps: walks ? [1, 2, 4, 8, 16].filter((count) => count === 1 || count < 2 * steps) : [1],
    images: walks ? [1, 2, 4, 8] : [1],
    resident: [16, 8, 6, 5, 4, 3, 2, 1],
    shared: long && op !== 'wgrad' && stride === 1 ? [0, 1] : [0],
    order: long && groups(problem).length > 1 && widestGroup(problem) >= WARP ? [0, 1] : [0],
  };
}

/** Tiles of little code. */
const SHORT = 7;

/** As many lanes as the widest group fills with two channels each, or with one. */
function lanesFor(problem: Problem): readonly number[] {
  const widest = widestGroup(problem);
  const fitting = [widest, widest / 2].map((needed) => [8, 16].find((lanes) => lanes >= needed) ?? WARP);
  return [...new Set(fitting)];
}
