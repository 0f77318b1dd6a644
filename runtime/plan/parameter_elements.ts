import { size } from '../tensor.js';
import type { Step } from './step.js';

/** How many numbers a step has learned: none where it has no parameters. */
export function parameterElements({ weight, bias }: Pick<Step, 'weight' | 'bias'>): number {
  return [weight, bias].reduce((sum, constant) => sum + (constant ? size(constant.shape) : 0), 0);
}
