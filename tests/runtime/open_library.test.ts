import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish } from '../../generator/library/publish.js';
import { openLibrary } from '../../runtime/open_library.js';
import { publishedKernel } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test('opens by folder what was published', () => {
  const folder = join(temporaryFolder(), 'library');
  const kernels = [publishedKernel(31), publishedKernel(31, 'cpu:avx2')];
  const manifest = publish({ folder, command: 'npx oriented1d library publish', kernels });
  const library = openLibrary(folder);
  expect(library.folder).toBe(folder);
  expect(Object.values(library.kernels)).toEqual(manifest.kernels);
  for (const { entry } of kernels) expect(library.find(entry.layer, entry.target)).toMatchObject(entry);
});
