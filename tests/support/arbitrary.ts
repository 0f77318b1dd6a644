import fc from 'fast-check';
import { type Problem, type ProblemSpec, problem } from '../../generator/problem.js';

/** Degrees: the paper's eight, diagonals, and anything else within two turns. */
export const anyAngle: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5, 180, 270, -45, 30, 60),
  fc.double({ min: -720, max: 720, noNaN: true }),
);

export const anyKernel: fc.Arbitrary<number> = fc.constantFrom(1, 3, 5, 7, 9, 13, 15, 21, 31);

/** A small layer; every size from 1, every stride from 1 to 4. */
export const anyLayer: fc.Arbitrary<ProblemSpec & { height: number; width: number }> = fc.record({
  layout: fc.constantFrom('nhwc' as const, 'nchw' as const),
  height: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 40 }),
  stride: fc.integer({ min: 1, max: 4 }),
  kernel: anyKernel,
  angles: fc.array(anyAngle, { minLength: 1, maxLength: 4 }),
  channels: fc.integer({ min: 1, max: 40 }),
  batch: fc.integer({ min: 1, max: 3 }),
});

/** The problem of a layer with square filters instead, no larger than 7x7. */
export function squareProblem(layer: ProblemSpec): Problem {
  return problem({ ...layer, filter: 'square', kernel: Math.min(layer.kernel, 7), angles: [] });
}
