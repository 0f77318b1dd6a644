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
  /** SHA-256 of the source, hex. */
  readonly sourceHash: string;
  readonly provenance: Provenance;
}

/** How a winner was found. Times in microseconds, of the whole problem at `batch`. */
export interface Provenance {
  readonly batch: number;
  readonly threads: number;
  readonly median: number;
  /** Median of the default schedule, measured beside it. */
  readonly default: number;
  /** Time of copying the input to an output-sized buffer, measured beside it. */
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
  readonly kernels: Readonly<Record<string, KernelEntry>>;
  /** The kernel for a problem on a target, whatever the batch. */
  find(problem: Problem, target: string): KernelEntry | undefined;
}
