import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../generator/hash.js';
import { contents } from '../../../generator/library/contents.js';
import type { CudaKernelEntry } from '../../../generator/library/entry.js';
import { LibraryError } from '../../../generator/library/errors.js';
import { LAUNCH, publishedCudaKernel, publishedKernel } from '../../support/published_kernel.js';

const command = 'npx oriented1d library publish --out kernels';
const kernels = [
  publishedKernel(31, 'cpu:avx512'),
  publishedKernel(7, 'cpu:avx512'),
  publishedKernel(31, 'cpu:avx2'),
  publishedCudaKernel(31),
];

test('lists every file but itself by hash', () => {
  const { files, manifest } = contents({ command, kernels, extras: { 'general/conv.cpp': 'int x;\n' } });
  const listed = {
    ...manifest.files,
    ...Object.fromEntries(manifest.kernels.map((k) => [k.file, k.fileHash])),
    ...Object.fromEntries(manifest.kernels.flatMap(({ image }) => (image ? [[image.file, image.hash]] : []))),
  };
  const hashes = Object.fromEntries([...files].map(([path, content]) => [path, sha256(content)]));
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
    const text = String(files.get(file));
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
  expect(
    [...String(files.get('README.md')).matchAll(/\]\((kernels\/.+?)\)/g)].map(([, file]) => file),
  ).toEqual(order);
});

test('shows each kernel in the table with its time and ratios', () => {
  const row = '| 64 | 1234.6 | 1.23 | 0.50 |';
  expect(String(contents({ command, kernels }).files.get('README.md')).split(row)).toHaveLength(
    kernels.length + 1,
  );
});

test('says in the table which target was measured where', () => {
  const readme = String(contents({ command, kernels }).files.get('README.md'));
  const cpu = '- cpu:avx2: A CPU at 2 GHz, 2 threads\n- cpu:avx512: A CPU at 2 GHz, 2 threads\n';
  expect(readme).toContain(`Measured on\n\n${cpu}- cuda:sm_90: NVIDIA H100 80GB HBM3\n\n`);
  expect(contents({ command, kernels: [] }).files.get('README.md')).not.toContain('Measured on');
});

test('keeps the image of a CUDA kernel beside its source, byte for byte', () => {
  const kernel = publishedCudaKernel(31);
  const { files, manifest } = contents({ command, kernels: [kernel] });
  const [{ file, sourceHash, image, launch }] = manifest.kernels as [CudaKernelEntry];
  expect(image!.file).toBe(file.replace(/\.cu$/, '.cubin.gz'));
  expect(files.get(image!.file)).toEqual(kernel.image!.bytes);
  expect(image).toMatchObject({ sourceHash, compiler: 'nvcc 13.0.88', hash: sha256(kernel.image!.bytes) });
  expect(launch).toEqual(LAUNCH);
});

test('refuses a CUDA kernel that does not say how it is launched', () => {
  const { launch: _, ...kernel } = publishedCudaKernel(31);
  expect(() => contents({ command, kernels: [kernel] })).toThrow(/launch must be there for a CUDA kernel/);
  expect(() => contents({ command, kernels: [{ ...publishedKernel(31), launch: LAUNCH }] })).toThrow(
    /and for no other/,
  );
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
