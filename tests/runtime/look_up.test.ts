import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layerName } from '../../generator/name.js';
import { OPS, type Problem, problem } from '../../generator/problem.js';
import type { CpuKernelEntry } from '../../runtime/library.js';
import { LookUp } from '../../runtime/look_up.js';
import { publishedKernel } from '../support/published_kernel.js';

const number = (max: number) => fc.integer({ min: 1, max });
/** Few values, so that many layers are alike in most of what tells them apart. */
const layers = fc.uniqueArray(
  fc
    .record({
      op: fc.constantFrom(...OPS),
      layout: fc.constantFrom('nhwc' as const, 'nchw' as const),
      ...{ height: number(3), width: number(3), stride: number(2), channels: fc.constantFrom(8, 9) },
      kernel: fc.constantFrom(3, 5),
      angles: fc.uniqueArray(fc.constantFrom(0, 22.5, 45, -90, 1e-7), { minLength: 1, maxLength: 3 }),
    })
    .map(problem),
  { minLength: 1, maxLength: 60, selector: layerName },
);

function entry(layer: Problem, target: `cpu:${string}`): CpuKernelEntry {
  const facts = { ...publishedKernel(31).entry, file: 'one.cpp', fileHash: '', sourceHash: '' };
  return { ...facts, layer: layerName(layer), target };
}

test('finds the kernel of a layer by its problem, whatever the batch, and no other', () => {
  fc.assert(
    fc.property(layers, number(64), (all, batch) => {
      const there = all.filter((_, i) => i % 2 === 0).map((layer) => entry(layer, 'cpu:avx2'));
      const lookUp = new LookUp(there);
      for (const layer of all) {
        const named = there.find((one) => one.layer === layerName(layer));
        expect(lookUp.find({ ...layer, batch }, 'cpu:avx2')).toBe(named);
        expect(lookUp.find(layer, 'cpu:plain')).toBeUndefined();
      }
    }),
  );
});
