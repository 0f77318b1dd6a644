import { ProblemError } from './errors.js';
import { isMade } from './made.js';
import type { Problem } from './problem.js';

const MEMBERS = Object.freeze({
  ...{ op: 'string', layout: 'string', dtype: 'string', filter: 'string', angles: 'array' },
  ...{ batch: 'number', channels: 'number', height: 'number', width: 'number' },
  ...{ stride: 'number', kernel: 'number' },
} as const);

/** @throws ProblemError unless a value is what problem() makes */
export function requireProblem(value: unknown): asserts value is Problem {
  if (isMade<Problem>(value, 'problem', MEMBERS)) return;
  throw new ProblemError({
    code: 'problem-unmade',
    value,
    rule: 'a problem is what problem() makes, which checks it and fills it in',
    remedy: 'give problem({ height: 56, width: 56, kernel: 31, angles: [45] }), for example',
  });
}
