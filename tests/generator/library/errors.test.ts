import { expect, test } from 'vitest';
import { folderError, LibraryError } from '../../../generator/library/errors.js';

const refused = (code: string) => Object.assign(new Error(`${code}: refused`), { code });

test.each([
  ['EACCES', 'user'],
  ['EROFS', 'user'],
  ['ENOTDIR', 'user'],
  ['EXDEV', 'user'],
  ['ENOSPC', 'system'],
])('%s names the folder, the rule and the way out', (code, fault) => {
  const cause = refused(code);
  const error = folderError('kernels', cause);
  expect(error).toBeInstanceOf(LibraryError);
  expect(error).toMatchObject({ code: `folder-${code.toLowerCase()}`, value: 'kernels', fault, cause });
  expect((error as LibraryError).message).toMatch(/^'kernels': .+; .+$/);
});

test('other errors pass through', () => {
  const defect = new TypeError('x is not a function');
  expect(folderError('kernels', defect)).toBe(defect);
  expect(folderError('kernels', undefined)).toBeUndefined();
});
