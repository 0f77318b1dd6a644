import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInside } from '../../../generator/library/path.js';

test('what is inside stays below the folder and has one spelling', () => {
  const part = fc.constantFrom('a', 'b.cpp', '..', '.', '', '...');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const path = parts.join('/');
      const below = posix.resolve('/library', path);
      const plain = below.startsWith('/library/') && below === `/library/${path}`;
      expect(isInside(path)).toBe(plain);
    }),
  );
});

test.each(['/etc/passwd', '../other', 'a/../../b', 'a\\..\\b', 'a/', './a', '', '.', '..'])(
  'refuses %j',
  (path) => {
    expect(isInside(path)).toBe(false);
  },
);
