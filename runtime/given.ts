import type { Op, Problem } from '../generator/problem.js';
import { DeviceError } from './errors.js';

const EXAMPLES = {
  fprop: '{ input, weight }',
  dgrad: '{ input, weight }',
  wgrad: '{ input, grad }',
  backward: '{ input, grad, weight }',
} as const satisfies Record<Op, string>;

/** @throws DeviceError unless a call was given an object, which has its arrays by name */
export function requireGiven({ op }: Problem, given: unknown): void {
  if (typeof given === 'object' && given !== null) return;
  throw new DeviceError('user', {
    code: 'arguments-missing',
    value: given,
    rule: `${op} is given an object that has its arrays by name`,
    remedy: `give for example ${EXAMPLES[op]}, or what the call's own documentation lists`,
  });
}

/** @throws DeviceError unless a value is what problem() makes */
export function requireProblem(value: unknown): asserts value is Problem {
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'problem') return;
  throw new DeviceError('user', {
    code: 'problem-unmade',
    value,
    rule: 'a problem is what problem() makes, which checks it and fills it in',
    remedy: 'load problem({ height: 56, width: 56, kernel: 31, angles: [45] }), for example',
  });
}
