import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish } from '../../../generator/library/publish.js';
import { filesBelow } from '../../../generator/library/replace.js';
import { republish } from '../../../generator/library/republish.js';
import { parseProblemName } from '../../../generator/name.js';
import type { KernelEntry } from '../../../runtime/library.js';
import { publishedKernel } from '../../support/published_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const command = 'npx oriented1d library publish --out kernels';
const kernels = [publishedKernel(31), publishedKernel(31, 'cpu:avx2'), publishedKernel(7)];
const extras = { 'general/conv.cpp': 'int general;\n' };

/** As the generator does it: from the entry's names alone. */
const render = ({ layer, target }: KernelEntry) => {
  const { entry, ...rendered } = publishedKernel(parseProblemName(layer).kernel, target);
  return rendered;
};

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

test('leaves no difference where the generator is the same', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels, extras });
  const before = snapshot(folder);
  republish({ folder, render, extras });
  expect(snapshot(folder)).toEqual(before);
});

test('takes over heads as they are written today, and keeps the measurements', () => {
  const folder = join(temporaryFolder(), 'library');
  const before = publish({ folder, command, kernels });
  const facts = { today: '1' };
  const after = republish({ folder, render: (entry) => ({ ...render(entry), facts }) });
  const stays = ({ name, sourceHash, provenance }: KernelEntry) => ({ name, sourceHash, provenance });
  expect(after.kernels.map(stays)).toEqual(before.kernels.map(stays));
  for (const { file, fileHash } of after.kernels) {
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^\/\/ today +1$/m);
    expect(before.kernels.map((kernel) => kernel.fileHash)).not.toContain(fileHash);
  }
});

test('refuses to put old times over a source that nobody measured, and leaves the library as it was', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels, extras });
  const before = snapshot(folder);
  const other = (entry: KernelEntry) => ({
    ...render(entry),
    ...(entry.name.includes('_k7_') && { source: 'int today;\n' }),
  });
  expect(() => republish({ folder, render: other, extras })).toThrow(
    expect.objectContaining({
      code: 'kernel-unmeasured',
      fault: 'user',
      value: kernels[2]!.entry.name,
      remedy: expect.stringContaining('tune it again'),
    }),
  );
  expect(snapshot(folder)).toEqual(before);
});
