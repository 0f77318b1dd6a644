import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../generator/hash.js';
import { contents } from '../../../generator/library/contents.js';
import { LibraryError } from '../../../generator/library/errors.js';
import { publishedKernel } from '../../support/published_kernel.js';

const command = 'npx oriented1d library publish --out kernels';
const kernels = [
  publishedKernel(31, 'cpu:avx512'),
  publishedKernel(7, 'cpu:avx512'),
  publishedKernel(31, 'cpu:avx2'),
  publishedKernel(31, 'cuda:sm_90'),
];

test('lists every file but itself by hash', () => {
  const { files, manifest } = contents({ command, kernels, extras: { 'general/conv.cpp': 'int x;\n' } });
  const listed = {
    ...manifest.files,
    ...Object.fromEntries(manifest.kernels.map((k) => [k.file, k.fileHash])),
  };
  const hashes = Object.fromEntries([...files].map(([path, text]) => [path, sha256(text)]));
  expect({ ...listed, 'library.json': hashes['library.json'] }).toEqual(hashes);
  expect(Object.keys(manifest.files).sort()).toEqual([
    'README.md',
    'general/conv.cpp',
    'index.d.ts',
    'index.js',
    'index.ts',
  ]);
});

test("tells a file's hash from that of its source, which a trial has, too", () => {
  const { files, manifest } = contents({ command, kernels });
  for (const { file, fileHash, sourceHash } of manifest.kernels) {
    const text = files.get(file)!;
    expect(fileHash).toBe(sha256(text));
    expect(sourceHash).toBe(sha256(text.slice(text.indexOf('\n\n') + 2)));
  }
});

test('does not depend on the order of kernels, extras or keys', () => {
  const extras = { 'general/a.cpp': 'a', 'general/b.cpp': 'b' };
  const expected = [...contents({ command, kernels, extras }).files].sort();
  fc.assert(
    fc.property(fc.shuffledSubarray(kernels, { minLength: kernels.length }), (shuffled) => {
      const turned = shuffled.map((kernel) => ({ ...kernel, entry: reversed(kernel.entry) }));
      expect([...contents({ command, kernels: turned, extras: reversed(extras) }).files].sort()).toEqual(
        expected,
      );
    }),
    { numRuns: 3 },
  );
});

test('orders kernels by target and name, in the manifest as in the table', () => {
  const { files, manifest } = contents({ command, kernels });
  const order = manifest.kernels.map(({ file }) => file);
  expect(order).toEqual([...order].sort());
  expect([...files.get('README.md')!.matchAll(/\]\((kernels\/.+?)\)/g)].map(([, file]) => file)).toEqual(
    order,
  );
});

test('shows each kernel in the table with its time and ratios', () => {
  const row = '| 64 | 1234.6 | 1.23 | 0.50 |';
  expect(contents({ command, kernels }).files.get('README.md')!.split(row)).toHaveLength(kernels.length + 1);
});

test('refuses a layer that is served twice, and files that collide or lie outside', () => {
  const [kernel] = kernels;
  const other = {
    ...kernel!,
    entry: { ...kernel!.entry, name: `${kernel!.entry.layer}__cpp_sheared_t7_l16` },
  };
  expect(() => contents({ command, kernels: [kernel!, other] })).toThrow(/serve one layer twice/);
  expect(() => contents({ command, kernels: [], extras: { 'index.ts': '' } })).toThrow(
    expect.objectContaining({ code: 'file-twice', value: 'index.ts' }),
  );
  expect(() => contents({ command, kernels: [], extras: { '../x.cpp': '' } })).toThrow(LibraryError);
});

function reversed<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).reverse()) as T;
}
