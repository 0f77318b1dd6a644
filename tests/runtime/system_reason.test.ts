import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemReason } from '../../runtime/system_reason.js';

/** What an action throws. */
function thrown(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test('the reason of the system, in words', () => {
  expect(systemReason(thrown(() => readFileSync('/nowhere/x')))).toBe('no such file or directory');
  expect(systemReason(thrown(() => readFileSync('/')))).toBe('illegal operation on a directory');
  expect(systemReason(new Error('E2BIG: argument list too long'))).toBe('argument list too long');
});

test('what others said, as they said it', () => {
  expect(systemReason(Object.assign(new Error('odd, as it is'), { code: 'EODD' }))).toBe('odd, as it is');
  expect(systemReason('a text')).toBe('a text');
});
