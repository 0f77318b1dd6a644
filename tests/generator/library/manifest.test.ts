import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contents } from '../../../generator/library/contents.js';
import type { CpuKernelEntry, CudaKernelEntry } from '../../../generator/library/entry.js';
import { LibraryError } from '../../../generator/library/errors.js';
import { MANIFEST, ownFiles, readManifest } from '../../../generator/library/manifest.js';
import { publishedCudaKernel, publishedKernel } from '../../support/published_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const PARTIAL = { fixedFloats: 8, floatsPerGroup: 64 };
const command = 'npx oriented1d library publish --out kernels';

const { manifest, files } = contents({
  command,
  kernels: [publishedKernel(31), publishedCudaKernel(31)],
});
const text = String(files.get(MANIFEST));

function folderWith(content: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, MANIFEST), content);
  return folder;
}

test('reads back what was published, frozen', () => {
  const read = readManifest(folderWith(text));
  expect(read).toEqual(manifest);
  const [cpu, cuda] = read.kernels as [CpuKernelEntry, CudaKernelEntry];
  const { launch, image } = cuda;
  for (const value of [
    read,
    read.kernels,
    cpu,
    cpu.provenance,
    read.files,
    launch,
    launch.inputMap!.box,
    image,
  ])
    expect(Object.isFrozen(value)).toBe(true);
  expect(ownFiles(read)).toEqual(expect.arrayContaining([cpu.file, cuda.file, image!.file]));
});

test('a gradient is published with the size of its partial sums, and not without', () => {
  const { entry, launch, ...rest } = publishedCudaKernel(31);
  const asWgrad = (name: string) => name.replace('fprop', 'wgrad');
  const its = { ...entry, name: asWgrad(entry.name), layer: asWgrad(entry.layer) };
  const plan = { ...launch!, packedFloats: 0, partial: PARTIAL, gradMap: launch!.inputMap! };
  const made = contents({ command, kernels: [{ ...rest, entry: its, launch: plan }] });
  const [kernel] = readManifest(folderWith(String(made.files.get(MANIFEST)))).kernels;
  expect(kernel!.launch).toEqual(plan);
  expect(Object.isFrozen(kernel!.launch!.partial)).toBe(true);
  expect(() => contents({ command, kernels: [{ ...rest, entry: its, launch: launch! }] })).toThrow(
    /partial must be there for a kernel of wgrad or backward, and for no other/,
  );
});

test('a folder without one is no library', () => {
  expect(() => readManifest(temporaryFolder())).toThrow(expect.objectContaining({ code: 'library-missing' }));
  expect(() => readManifest('no/such/folder')).toThrow(/^'no\/such\/folder': .+; name a folder that/);
});

describe('a damaged one is refused', () => {
  // biome-ignore lint/suspicious/noExplicitAny: damage is whatever the type does not allow
  const damages: Record<string, (manifest: any) => void> = {
    'another format': (m) => (m.format = 2),
    'no command': (m) => (m.command = ''),
    'a command of two lines': (m) => (m.command = 'a\nb'),
    'an unknown key': (m) => (m.kernels[0].colour = 'red'),
    'a missing key': (m) => delete m.kernels[0].provenance.copy,
    'no time': (m) => (m.kernels[0].provenance.median = 0),
    'a date that is none': (m) => (m.kernels[0].provenance.measured = 'yesterday'),
    'a layer that is none': (m) => (m.kernels[0].layer = 'fprop'),
    'a name of another layer': (m) => (m.kernels[0].name = `x${m.kernels[0].name}`),
    'an unknown target': (m) => (m.kernels[0].target = 'tpu'),
    'a target without its instruction set': (m) => (m.kernels[0].target = 'cpu'),
    'a file elsewhere': (m) => (m.kernels[0].file = '../kernel.cpp'),
    'a hash that is none': (m) => (m.kernels[0].sourceHash = 'abc'),
    'no hash of the file': (m) => delete m.kernels[0].fileHash,
    'a launch plan of a CPU kernel': (m) => (m.kernels[0].launch = m.kernels[1].launch),
    'an image of a CPU kernel': (m) => (m.kernels[0].image = m.kernels[1].image),
    'a CUDA kernel without a launch plan': (m) => delete m.kernels[1].launch,
    'a launch plan without threads': (m) => (m.kernels[1].launch.threads = 0),
    'a launch plan with an unknown key': (m) => (m.kernels[1].launch.clusters = 2),
    'a tensor map without sizes': (m) => (m.kernels[1].launch.inputMap.sizes = []),
    'a tensor map with a step of nothing': (m) => (m.kernels[1].launch.inputMap.steps = [0, 1]),
    'a tensor map with a step too many': (m) => (m.kernels[1].launch.inputMap.steps = [1, 1, 1]),
    'partial sums of a kernel that has none': (m) => (m.kernels[1].launch.partial = PARTIAL),
    'partial sums without a size': (m) => (m.kernels[1].launch.partial = { fixedFloats: 1 }),
    'an image elsewhere': (m) => (m.kernels[1].image.file = '../kernel.cubin'),
    'an image of another source': (m) => (m.kernels[1].image.sourceHash = '0'.repeat(64)),
    'an image without its hash': (m) => delete m.kernels[1].image.hash,
    'one layer twice': (m) => m.kernels.push(m.kernels[0]),
    'a file outside': (m) => (m.files['../index.ts'] = '0'.repeat(64)),
  };
  test.each(Object.entries(damages))('%s', (_, damage) => {
    const value = JSON.parse(text);
    damage(value);
    const folder = folderWith(JSON.stringify(value));
    expect(() => readManifest(folder)).toThrow(LibraryError);
    expect(() => readManifest(folder)).toThrow(
      expect.objectContaining({ code: 'manifest-damaged', value: join(folder, MANIFEST) }),
    );
  });

  test('text that is no JSON', () => {
    expect(() => readManifest(folderWith('{ "kind": "mani'))).toThrow(
      expect.objectContaining({ code: 'manifest-damaged' }),
    );
  });
});
