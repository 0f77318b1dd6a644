import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { PUBLISHED, publishedLibrary } from '../../cli/published.js';
import { sha256 } from '../../generator/hash.js';
import { packagePath } from '../../generator/package.js';
import { temporaryFolder } from '../support/temporary_folder.js';

afterEach(() => {
  vi.doUnmock('../../generator/package.js');
  vi.resetModules();
});

test("is the package's own folder of generated kernels, with their files", () => {
  expect(PUBLISHED).toBe(packagePath('generated'));
  const { folder, kernels } = publishedLibrary();
  expect(folder).toBe(PUBLISHED);
  expect(Object.values(kernels).length).toBeGreaterThan(0);
  for (const { file, fileHash } of Object.values(kernels))
    expect(sha256(readFileSync(join(folder, file)))).toBe(fileHash);
});

test('is empty where the package was built without any', async () => {
  const root = temporaryFolder();
  vi.resetModules();
  vi.doMock(import('../../generator/package.js'), async (original) => ({
    ...(await original()),
    packagePath: (...parts: readonly string[]) =>
      parts[0] === 'generated' ? join(root, ...parts) : packagePath(...parts),
  }));
  const bare = await import('../../cli/published.js');
  expect(bare.PUBLISHED).toBe(join(root, 'generated'));
  expect(bare.publishedLibrary()).toMatchObject({ folder: join(root, 'generated'), kernels: {} });
});
