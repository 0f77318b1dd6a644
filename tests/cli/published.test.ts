import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PUBLISHED, publishedLibrary } from '../../cli/published.js';
import { MANIFEST } from '../../generator/library/manifest.js';
import { packagePath } from '../../generator/package.js';

test("is the package's own folder of generated kernels", () => {
  expect(PUBLISHED).toBe(packagePath('generated'));
});

test('holds kernels where the package has any, and is empty else', () => {
  const library = publishedLibrary();
  expect(library.folder).toBe(PUBLISHED);
  expect(Object.keys(library.kernels).length > 0).toBe(existsSync(join(PUBLISHED, MANIFEST)));
});
