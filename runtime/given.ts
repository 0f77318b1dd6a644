import { isMade } from '../generator/made.js';
import type { Op, Problem } from '../generator/problem.js';
import { DeviceError } from './errors.js';
import type { KernelLibrary } from './library.js';

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

/** @throws DeviceError if something else is given for a library */
export function requireLibrary(library: unknown): asserts library is KernelLibrary | undefined {
  if (library === undefined) return;
  if (isMade<KernelLibrary>(library, 'library', { folder: 'string', kernels: 'object', find: 'function' }))
    return;
  throw new DeviceError('user', {
    code: 'library-unmade',
    value: typeof library === 'object' && library !== null ? 'an object' : library,
    rule: "a library is what the index of a published folder exports, as 'oriented1d/generated' does",
    remedy: "import library from 'oriented1d/generated', or leave it out",
  });
}
