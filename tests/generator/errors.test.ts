import { expect, it } from 'vitest';
import { ProblemError } from '../../generator/errors.js';

function line(value: unknown): string {
  return new ProblemError({ code: 'test', value, rule: 'must not be', remedy: 'leave it out' }).message;
}

const circle: { self?: unknown } = {};
circle.self = circle;

it.each([
  ['text', "'text'"],
  [[1, 'two'], '[1,"two"]'],
  [null, 'null'],
  [10n, '10n'],
  [Symbol('mine'), 'Symbol(mine)'],
  [circle, '<ref *1> { self: [Circular *1] }'],
])('shows %o in its line', (value, shown) => {
  expect(line(value)).toBe(`${shown}: must not be; leave it out`);
});

it('shows the beginning of what is long', () => {
  const message = line(Array.from({ length: 10_000 }, (_, i) => i));
  expect(message).toMatch(/^\[0,1,2,.*\.\.: must not be; leave it out$/);
  expect(message.length).toBeLessThan(500);
});
