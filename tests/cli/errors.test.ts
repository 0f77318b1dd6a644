import { expect, test } from 'vitest';
import { CliError, EXIT, failure } from '../../cli/errors.js';
import { TemplateError } from '../../generator/errors.js';

const complaint = { code: 'c', value: 30, rule: 'K must\n be odd', remedy: 'use 31' };

test('a mistake of the user ends with 2 and one line', () => {
  expect(failure(new CliError(complaint), false)).toEqual({
    exit: EXIT.misused,
    message: 'oriented1d: 30: K must be odd; use 31',
  });
});

test('a fault of the system ends with 1', () => {
  expect(failure(new TemplateError(complaint), false).exit).toBe(EXIT.failed);
});

test('what nobody foresaw ends with 1, in one line that tells how to learn more', () => {
  const { exit, message } = failure(new TypeError('x is\nundefined'), false);
  expect(exit).toBe(EXIT.failed);
  expect(message).toBe('oriented1d: x is undefined (unexpected: run again with --debug to see where)');
  expect(failure('thrown text', false).message).toMatch(/^oriented1d: thrown text/);
});

test('--debug shows the stack, and the stacks of the causes', () => {
  const error = new CliError({ ...complaint, cause: new Error('deeper', { cause: 'a text' }) });
  const { message } = failure(error, true);
  expect(message).toMatch(/^oriented1d: 30: K must be odd; use 31\nCliError: .*\n +at /);
  expect(message).toMatch(/\ncaused by Error: deeper\n/);
  expect(message).toMatch(/\ncaused by a text$/);
});
