import { OPS, type Op } from '../../generator/problem.js';

/**
 * What is timed of a layer. The wall clock's: `step`, the published protocol, is forward, mean and backward of an input that
 * takes no gradient; `full` the same with the input's gradient. The device's: each operation alone.
 */
export const MEASURES = ['step', 'full', ...OPS] as const;

export type Measure = (typeof MEASURES)[number];

/** Measured by the wall clock, of which no copy is the floor. */
export type Step = Exclude<Measure, Op>;

export function isStep(measure: Measure): measure is Step {
  return measure === 'step' || measure === 'full';
}

/** Copies that operations are held against: of two tensors of images, or of the three that backward has. */
export type Floor = 'pass' | 'backward';

export const FLOORS = ['pass', 'backward'] as const satisfies readonly Floor[];

/** The copy that moves as many bytes as an operation must; undefined for a step. */
export function floorOf(measure: Measure): Floor | undefined {
  if (isStep(measure)) return undefined;
  return measure === 'backward' ? 'backward' : 'pass';
}

/** What people are told of each. */
export const MEASURE_WORDS: Readonly<Record<Measure, string>> = Object.freeze({
  step: 'forward, mean and backward, no gradient of the input (as published)',
  full: 'forward, mean and backward, with the gradient of the input',
  fprop: 'forward alone',
  dgrad: 'gradient of the input alone',
  wgrad: 'gradients of weights and bias alone',
  backward: 'all three gradients in one pass',
});
