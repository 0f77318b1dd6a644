import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KernelEntry } from '../../../generator/library/entry.js';
import { kernelKey } from '../../../generator/library/kernel_file.js';
import { readManifest } from '../../../generator/library/manifest.js';
import { publish } from '../../../generator/library/publish.js';
import { filesBelow } from '../../../generator/library/replace.js';
import { republish, rewordedKernels } from '../../../generator/library/republish.js';
import { parseProblemName } from '../../../generator/name.js';
import { publishedCudaKernel, publishedKernel } from '../../support/published_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const command = 'npx oriented1d library publish --out kernels';
const kernels = [
  publishedKernel(31),
  publishedKernel(31, 'cpu:avx2'),
  publishedKernel(7),
  publishedCudaKernel(31),
];
const extras = { 'general/conv.cpp': 'int general;\n' };

/** As the generator does it: from the entry's names alone. */
const render = ({ layer, target }: KernelEntry) => {
  const { entry, ...rendered } = publishedKernel(parseProblemName(layer).kernel, target);
  return rendered;
};

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
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

test('takes another source over with an image of the same machine code, and no other launch', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels });
  const other = (entry: KernelEntry) => ({
    ...render(entry),
    ...(entry.launch && { source: 'int today;\n' }),
  });
  const changed = rewordedKernels(folder, readManifest(folder).kernels, other);
  expect(changed).toMatchObject([
    { kernel: { source: 'int today;\n' }, measured: { compiler: 'nvcc 13.0.88' } },
  ]);
  const image = { bytes: Uint8Array.from([1, 2, 3]), compiler: 'nvcc 13.0.88' };
  const reworded = new Map(changed.map(({ kernel }) => [kernelKey(kernel.entry), image]));
  const after = republish({ folder, render: other, reworded });
  const [entry] = after.kernels.filter(({ launch }) => launch);
  expect(readFileSync(join(folder, entry!.file), 'utf8')).toMatch(/int today;\n$/);
  expect(new Uint8Array(readFileSync(join(folder, entry!.image!.file)))).toEqual(image.bytes);
  // The next time it is what was published.
  expect(rewordedKernels(folder, after.kernels, other)).toEqual([]);
  const launched = (entry: KernelEntry) => ({
    ...other(entry),
    ...(entry.launch && { launch: { ...entry.launch, blocks: 1 } }),
  });
  expect(rewordedKernels(folder, after.kernels, launched)).toEqual([]);
  expect(() => republish({ folder, render: launched, reworded })).toThrow(/launches it otherwise/);
});

test('refuses to launch a kernel otherwise than it was measured', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels });
  const other = (entry: KernelEntry) => ({
    ...render(entry),
    ...(entry.launch && { launch: { ...entry.launch, blocks: 1 } }),
  });
  expect(() => republish({ folder, render: other })).toThrow(
    expect.objectContaining({ code: 'kernel-unmeasured', rule: expect.stringContaining('launches it') }),
  );
});

test.each([
  ['cut short', (file: string) => truncateSync(file, 4)],
  ['lost', (file: string) => rmSync(file)],
])('refuses an image that was %s, and leaves the library as it was', (_, damage) => {
  const folder = join(temporaryFolder(), 'library');
  const { kernels: entries } = publish({ folder, command, kernels });
  const file = join(folder, entries.find(({ image }) => image)!.image!.file);
  damage(file);
  const before = snapshot(folder);
  expect(() => republish({ folder, render })).toThrow(
    expect.objectContaining({ code: 'image-damaged', fault: 'user', value: file }),
  );
  expect(snapshot(folder)).toEqual(before);
});

test('does not write over what another process has published meanwhile', () => {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command, kernels, extras });
  const late = (entry: KernelEntry) => {
    publish({ folder, command, kernels: [...kernels, publishedKernel(15)], extras });
    return render(entry);
  };
  expect(() => republish({ folder, render: late, extras })).toThrow(
    `'${folder}': another process has published into this folder meanwhile`,
  );
  expect(readManifest(folder).kernels).toHaveLength(kernels.length + 1);
});
