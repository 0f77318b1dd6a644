import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { LibraryError } from '../../generator/library/errors.js';
import { parseProblemName } from '../../generator/name.js';
import { problem } from '../../generator/problem.js';
import {
  type CpuKernelEntry,
  type CudaKernelEntry,
  defineLibrary,
  type Found,
  type KernelEntry,
} from '../../runtime/library.js';
import { publishedKernel } from '../support/published_kernel.js';

const entry = (kernel: number, target: `cpu:${string}`): CpuKernelEntry => ({
  ...publishedKernel(kernel).entry,
  target,
  file: 'kernels/one.cpp',
  fileHash: '0'.repeat(64),
  sourceHash: '0'.repeat(64),
});

describe('defineLibrary', () => {
  const kernels = { a: entry(31, 'cpu:avx512'), b: entry(31, 'cpu:avx2'), c: entry(7, 'cpu:avx512') };
  const library = defineLibrary({ folder: '/somewhere', kernels });

  test('finds a kernel by problem or layer, whatever the batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (batch) => {
        const p = problem({ ...parseProblemName(kernels.a.layer), batch });
        expect(library.find(p, 'cpu:avx512')).toBe(kernels.a);
        expect(library.find(p, 'cpu:avx2')).toBe(kernels.b);
      }),
    );
    expect(library.find(kernels.c.layer, 'cpu:avx512')).toBe(kernels.c);
  });

  test('finds the kernel of fprop for dgrad at stride 1, and none at another stride', () => {
    const p = problem({ ...parseProblemName(kernels.a.layer), op: 'dgrad' });
    expect(library.find(p, 'cpu:avx512')).toBe(kernels.a);
    expect(library.find(problem({ ...p, stride: 2 }), 'cpu:avx512')).toBeUndefined();
  });

  test('finds nothing for another target, size or kernel length', () => {
    const p = parseProblemName(kernels.c.layer);
    expect(library.find(p, 'cpu:avx2')).toBeUndefined();
    expect(library.find(problem({ ...p, height: 57 }), 'cpu:avx512')).toBeUndefined();
    expect(library.find('toString', 'cpu:avx512')).toBeUndefined();
  });

  test('takes its folder as a path or as a file URL', () => {
    expect(library.folder).toBe('/somewhere');
    expect(defineLibrary({ folder: new URL('file:///a%20b/'), kernels }).folder).toBe('/a b');
  });

  test('is frozen, and keeps no hold on the record that it was made from', () => {
    const own: Record<string, KernelEntry> = { ...kernels };
    const made = defineLibrary({ folder: '/somewhere', kernels: own });
    delete own.a;
    expect(made.kernels.a).toBe(kernels.a);
    expect(Object.isFrozen(made) && Object.isFrozen(made.kernels)).toBe(true);
  });

  test('refuses two kernels for one layer and target', () => {
    const twice = { a: kernels.a, b: { ...kernels.a, name: `${kernels.a.layer}__cpp_other` } };
    expect(() => defineLibrary({ folder: '/somewhere', kernels: twice })).toThrow(LibraryError);
  });
});

// Checked by the compiler (npm run check), not when the test runs.
test('a look-up is as certain as its names', () => {
  interface One extends CpuKernelEntry {
    readonly layer: 'one';
    readonly target: 'cpu:avx512';
  }
  interface Two extends CudaKernelEntry {
    readonly layer: 'two';
    readonly target: 'cuda:sm_90';
  }
  type Maybe = KernelEntry | undefined;
  expectTypeOf<Found<One | Two, 'one', 'cpu:avx512'>>().toEqualTypeOf<One>();
  expectTypeOf<Found<One | Two, 'two', 'cuda:sm_90'>>().toEqualTypeOf<Two>();
  expectTypeOf<Found<One | Two, 'one', 'cpu:avx2'>>().toEqualTypeOf<Maybe>();
  expectTypeOf<undefined>().toExtend<Found<One | Two, 'one' | 'two', 'cpu:avx2'>>();
  expectTypeOf<Found<One | Two, 'three', 'cpu:avx2'>>().toEqualTypeOf<Maybe>();
  expectTypeOf<Found<One | Two, string, 'cpu:avx512'>>().toEqualTypeOf<Maybe>();
  expectTypeOf<Found<One | Two, 'one', string>>().toEqualTypeOf<Maybe>();
  expectTypeOf<Found<One | Two, `on${string}`, 'cpu:avx512'>>().toEqualTypeOf<Maybe>();
  expectTypeOf<Found<never, 'one', 'cpu:avx512'>>().toEqualTypeOf<Maybe>();
});
