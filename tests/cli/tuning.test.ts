import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { LibraryError } from '../../generator/library/errors.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

vi.mock(import('../../cli/published.js'), async (original) => ({
  ...(await original()),
  publishedLibrary() {
    throw new LibraryError({
      code: 'manifest-damaged',
      value: 'library.json',
      rule: 'it is cut off',
      remedy: 'install the package again',
    });
  },
}));

test('tunes without the published kernels where they are damaged, and says so', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  const layer = '--size 5x5 --kernel 3 --angles 0 --channels 8 --target cpu:plain --budget 0.1s';
  const { exit, stderr, stdout } = await cli('tune', ...layer.split(' '), '--db', db);
  expect(stderr).toMatch(/tuned without the published kernels: .*library\.json.*install the package again/);
  expect(exit).toBe(0);
  expect(stdout).toContain(db);
});
