import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KernelEntry } from '../generator/library/entry.js';
import { LibraryError } from '../generator/library/errors.js';
import type { Problem } from '../generator/problem.js';
import { computedAs } from '../generator/transpose.js';
import { LookUp } from './look_up.js';

export type {
  CpuKernelEntry,
  CudaKernelEntry,
  KernelEntry,
  KernelImage,
  Provenance,
} from '../generator/library/entry.js';

/** A kernel library as a program imports it: `generated/`, or whatever `tune --out` and `library publish` wrote. */
export interface KernelLibrary {
  readonly kind: 'library';
  /** Absolute folder that holds the sources. */
  readonly folder: string;
  /** Every kernel, under any key. */
  readonly kernels: Readonly<Record<string, KernelEntry>>;
  /**
   * The kernel for a problem on a target, whatever the batch.
   * @param problem the problem, which is looked up as the one that it is {@link computedAs}, or the name of a kernel's layer
   * @param target `cpu:avx512`
   */
  find(problem: Problem | string, target: string): KernelEntry | undefined;
}

/**
 * What looking up layer `L` on target `T` gives in a library of kernels `K`, as far as it is known when the program is
 * compiled: for names that the library holds, that entry; for any other string, perhaps none.
 */
export type Found<K extends KernelEntry, L extends string, T extends string> = L extends K['layer']
  ? T extends Serving<K, L>['target']
    ? Extract<K, { readonly layer: L; readonly target: T }>
    : KernelEntry | undefined
  : KernelEntry | undefined;

type Serving<K extends KernelEntry, L extends string> = Extract<K, { readonly layer: L }>;

/**
 * Makes a library of published kernels; a generated index.ts calls it.
 * @param folder absolute path or file URL of the folder that the kernels' files are relative to
 * @throws LibraryError if two kernels serve one layer on one target, ProblemError if a kernel's layer is none
 */
export function defineLibrary({ folder, kernels }: LibrarySpec): KernelLibrary {
  const byLayer = new Map<string, KernelEntry>();
  for (const entry of Object.values(kernels)) {
    const key = keyOf(entry.layer, entry.target);
    const other = byLayer.get(key);
    if (other)
      throw new LibraryError({
        code: 'layer-twice',
        value: entry.name,
        rule: `${other.name} serves the same layer on ${entry.target}`,
        remedy: 'keep one kernel for each layer and target',
      });
    byLayer.set(key, entry);
  }
  const lookUp = new LookUp(byLayer.values());
  return Object.freeze({
    kind: 'library',
    folder: resolve(folder instanceof URL ? fileURLToPath(folder) : folder),
    kernels: Object.freeze({ ...kernels }),
    find: (problem: Problem | string, target: string) =>
      typeof problem === 'string'
        ? byLayer.get(keyOf(problem, target))
        : lookUp.find(computedAs(problem), target),
  });
}

export interface LibrarySpec {
  readonly folder: string | URL;
  readonly kernels: Readonly<Record<string, KernelEntry>>;
}

function keyOf(layer: string, target: string): string {
  return `${target} ${layer}`;
}
