import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLibrary } from '../../../generator/library/check.js';
import { publish } from '../../../generator/library/publish.js';
import { publishedCudaKernel, publishedKernel } from '../../support/published_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const command = 'npx oriented1d library publish --out kernels';

function library(): { folder: string; kernel: string } {
  const folder = join(temporaryFolder(), 'library');
  const { kernels } = publish({
    folder,
    command,
    kernels: [publishedKernel(31)],
    extras: { 'general/a.cpp': 'a' },
  });
  return { folder, kernel: kernels[0]!.file };
}

test('a library as it was published is sound, with foreign files beside the kernels', () => {
  const { folder } = library();
  writeFileSync(join(folder, 'package.json'), '{}');
  expect(checkLibrary(folder)).toMatchObject({ ok: true, missing: [], changed: [], extra: [] });
});

test('a changed byte, a missing file and a stray kernel are found', () => {
  const { folder, kernel } = library();
  appendFileSync(join(folder, kernel), ' ');
  appendFileSync(join(folder, 'index.js'), ' ');
  rmSync(join(folder, 'general/a.cpp'));
  writeFileSync(join(folder, 'kernels/cpu-avx512/stray.cpp'), '');
  expect(checkLibrary(folder)).toMatchObject({
    ok: false,
    missing: ['general/a.cpp'],
    changed: ['index.js', kernel],
    extra: ['kernels/cpu-avx512/stray.cpp'],
  });
});

test('an image that was cut short, lost or left behind is found', () => {
  const folder = join(temporaryFolder(), 'library');
  const { kernels } = publish({
    folder,
    command,
    kernels: [publishedCudaKernel(31), publishedCudaKernel(7)],
  });
  expect(checkLibrary(folder).ok).toBe(true);
  const [cut, lost] = kernels.map(({ image }) => image!.file) as [string, string];
  truncateSync(join(folder, cut), 4);
  renameSync(join(folder, lost), join(folder, 'kernels/cuda-sm_90/stray.cubin'));
  expect(checkLibrary(folder)).toMatchObject({
    ok: false,
    changed: [cut],
    missing: [lost],
    extra: ['kernels/cuda-sm_90/stray.cubin'],
  });
});

test.each(['changed', 'missing', 'extra'])('%s alone is enough to fail', (what) => {
  const { folder, kernel } = library();
  if (what === 'changed') appendFileSync(join(folder, kernel), ' ');
  else if (what === 'missing') rmSync(join(folder, kernel));
  else writeFileSync(join(folder, 'kernels/stray.cpp'), '');
  expect(checkLibrary(folder).ok).toBe(false);
});
