import { describe, expect, test } from 'vitest';
import { layerName } from '../../../generator/name.js';
import { problem } from '../../../generator/problem.js';
import { space } from '../../../generator/space.js';
import { candidates } from '../../../runtime/cuda/candidates.js';
import { type CudaKernelEntry, defineLibrary, type KernelEntry } from '../../../runtime/library.js';
import { LAUNCH, PROVENANCE } from '../../support/published_kernel.js';
import { smallLayer } from '../../support/tuned.js';

const LAYER = smallLayer(14);
const HASH = '0'.repeat(64);
const LEGAL = space(LAYER, { kind: 'cuda', arch: 'sm_75' }).candidates[0]!.name;

const entry = (arch: string, name = LEGAL): CudaKernelEntry => ({
  name,
  layer: layerName(LAYER),
  target: `cuda:${arch}`,
  file: 'k.cu',
  fileHash: HASH,
  sourceHash: HASH,
  provenance: PROVENANCE,
  launch: LAUNCH,
  image: { file: 'k.cubin', hash: HASH, sourceHash: HASH, compiler: 'nvcc 13.0' },
});

const library = (kernels: readonly KernelEntry[]) =>
  defineLibrary({ folder: '/nowhere', kernels: Object.fromEntries(kernels.entries()) });

const found = (kernels: readonly KernelEntry[], arch: string) =>
  candidates(library(kernels), LAYER, { kind: 'cuda', arch });

const ARCHS = ['sm_120', 'sm_75', 'sm_90a', 'sm_80', 'sm_100', 'sm_90', 'sm_100a'];

describe('candidates', () => {
  test.each([
    ['sm_90', ['sm_90', 'sm_90a', 'sm_80', 'sm_75', 'sm_100', 'sm_120']],
    ['sm_86', ['sm_80', 'sm_75', 'sm_90', 'sm_100', 'sm_120']],
    ['sm_100', ['sm_100', 'sm_100a', 'sm_90', 'sm_80', 'sm_75', 'sm_120']],
  ])('of %s are its own, then older ones, newest first, then newer ones, oldest first', (arch, order) => {
    const all = found(
      ARCHS.map((one) => entry(one)),
      arch,
    );
    expect(all.map((one) => one.entry.target)).toEqual(order.map((one) => `cuda:${one}`));
  });

  test('are compiled for the GPU at hand, in its own dialect where they need that', () => {
    const all = found(
      ARCHS.map((one) => entry(one)),
      'sm_90',
    );
    expect(all.map(({ arch }) => arch)).toEqual(['sm_90', 'sm_90a', 'sm_90', 'sm_90', 'sm_90', 'sm_90']);
  });

  test('say what they were tuned for unless it is this GPU', () => {
    const [own, older] = found([entry('sm_80'), entry('sm_90')], 'sm_90');
    expect(own).not.toHaveProperty('reason');
    expect(older!.reason).toBe("tuned for sm_80, not for this GPU's sm_90");
  });

  test.each([
    ['sm_80', 'sm_86', true],
    ['sm_86', 'sm_80', false],
    ['sm_80', 'sm_90', false],
    ['sm_90', 'sm_90', true],
    ['sm_90a', 'sm_90', true],
    ['sm_100', 'sm_103', true],
    ['sm_100', 'sm_120', false],
  ])('bring the image of %s along for %s: %s', (made, here, runs) => {
    expect(found([entry(made)], here)[0]!.image !== undefined).toBe(runs);
    const { image: _, ...bare } = entry(made);
    expect(found([bare], here)[0]!.image).toBeUndefined();
  });

  test('of other GPUs must be legal here, and of a family that is known; own ones are trusted', () => {
    const unknown = `${layerName(LAYER)}__cuda_future_t14`;
    expect(found([entry('sm_80', unknown)], 'sm_90')).toEqual([]);
    expect(found([entry('sm_90', unknown)], 'sm_90')).toHaveLength(1);
    const crowded = space(LAYER, { kind: 'cuda', arch: 'sm_90' }).candidates.find(
      ({ name }) => found([entry('sm_90', name)], 'sm_75').length === 0,
    );
    expect(crowded).toBeDefined();
  });

  test('serve just the layer, on a GPU', () => {
    const { launch: _, image: __, ...rest } = entry('sm_90');
    const cpu: KernelEntry = { ...rest, target: 'cpu:avx512' };
    expect(found([cpu], 'sm_90')).toEqual([]);
    const other = problem({ ...LAYER, height: 15 });
    expect(candidates(library([entry('sm_90')]), other, { kind: 'cuda', arch: 'sm_90' })).toEqual([]);
    expect(
      candidates(library([entry('sm_90')]), { ...LAYER, batch: 7 }, { kind: 'cuda', arch: 'sm_90' }),
    ).toHaveLength(1);
  });
});
