import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LaunchPlan } from '../generator/launch.js';
import { LibraryError } from '../generator/library/errors.js';
import { layerName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';

/** One published kernel: where its source is, what it serves, and where its schedule comes from. */
export interface KernelEntry {
  /** `<layer>__<schedule>`: also the exported symbol. */
  readonly name: string;
  /** The layer that it serves: a problem's name without the batch. */
  readonly layer: string;
  /** `cpu:avx512`. */
  readonly target: string;
  /** Source file, relative to the library's folder. */
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly fileHash: string;
  /** SHA-256 of the source that was measured, hex: the file without its head. */
  readonly sourceHash: string;
  readonly provenance: Provenance;
  /** How a CUDA kernel is launched. */
  readonly launch?: LaunchPlan;
  /** A CUDA kernel's cubin or PTX, for machines that have a driver and no compiler. */
  readonly image?: KernelImage;
}

export interface KernelImage {
  /** Relative to the library's folder. */
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly hash: string;
}

/** How a winner was found. Times in microseconds, of the whole problem at `batch`. */
export interface Provenance {
  readonly batch: number;
  readonly threads: number;
  readonly median: number;
  /** Median of the default schedule, measured beside it; absent if it was not. */
  readonly default?: number;
  /** Time of a copy that moves as many bytes as the problem must, half read and half written, measured beside it. */
  readonly copy: number;
  readonly trials: number;
  readonly machine: string;
  readonly compiler: string;
  /** ISO 8601, UTC. */
  readonly measured: string;
}

/** A kernel library as a program imports it: `generated/`, or whatever `tune --out` and `library publish` wrote. */
export interface KernelLibrary {
  readonly kind: 'library';
  /** Absolute folder that holds the sources. */
  readonly folder: string;
  /** Every kernel, under any key. */
  readonly kernels: Readonly<Record<string, KernelEntry>>;
  /**
   * The kernel for a problem on a target, whatever the batch.
   * @param problem the problem, or the name of its layer
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
 * @throws LibraryError if two kernels serve one layer on one target
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
  return Object.freeze({
    kind: 'library',
    folder: resolve(folder instanceof URL ? fileURLToPath(folder) : folder),
    kernels: Object.freeze({ ...kernels }),
    find: (problem: Problem | string, target: string) =>
      byLayer.get(keyOf(typeof problem === 'string' ? problem : layerName(problem), target)),
  });
}

export interface LibrarySpec {
  readonly folder: string | URL;
  readonly kernels: Readonly<Record<string, KernelEntry>>;
}

function keyOf(layer: string, target: string): string {
  return `${target} ${layer}`;
}
