import { groups } from '../../generator/group.js';
import type { GeluForm, Operation } from '../../generator/operations/operation.js';
import { stemConvolution } from '../../generator/operations/stem.js';
import { outputElements, type Problem } from '../../generator/problem.js';
import { readBy } from './lifetimes.js';
import { parameterElements } from './parameter_elements.js';
import type { Step } from './step.js';

/** What a step has to do at least. */
export interface Work {
  /** Additions and multiplications, a multiply-add being two; an error function, tanh or a root is one. */
  readonly flops: number;
  /** Each array read once and written once, parameters included. */
  readonly bytes: number;
}

export function stepWork(step: Step): Work {
  const buffers = [...readBy(step), step.output].map(({ elements }) => elements);
  const bytes = 4 * buffers.reduce((sum, elements) => sum + elements, parameterElements(step));
  const flops =
    step.kind === 'convolution' ? convolutionFlops(step.problem) : step.count * flopsOf(step.operation);
  return Object.freeze({ flops, bytes });
}

/** Of the distinct taps of every channel: weights that fold on one pixel are added beforehand. */
function convolutionFlops(problem: Problem): number {
  const pixels = outputElements(problem) / problem.channels;
  return groups(problem).reduce(
    (sum, { from, to, taps }) => sum + pixels * (to - from) * 2 * taps.taps.length,
    0,
  );
}

/** Of a number: two sums, a difference, a square, and the difference scaled. */
const NORM = 5;
/** x/2 * (1 + erf(x / sqrt(2))), and x/2 * (1 + tanh(x * (p + q * x * x))). */
const GELU: Readonly<Record<GeluForm, number>> = { exact: 5, tanh: 8 };

/** Of a row of a row operation, of an image of any other. */
function flopsOf(op: Operation): number {
  switch (op.kind) {
    case 'norm':
      return op.channels * (NORM + (op.affine ? 2 : 0) + (op.gelu ? GELU[op.gelu] : 0));
    case 'gelu':
      return op.channels * GELU[op.form];
    case 'patches':
      return op.normalize ? op.height * op.width * op.channels * NORM : 0;
    case 'stem':
      return convolutionFlops(stemConvolution(op)) + op.height * op.width * op.channels * 2 * op.planes;
    case 'pool':
      return op.pixels * op.channels;
    case 'product':
      return (
        op.outer * (2 * op.inner + (op.gelu ? GELU[op.gelu] : 0) + (op.residual ? 1 : 0)) +
        (op.normalize ? op.inner * NORM : 0)
      );
    default:
      return op satisfies never;
  }
}
