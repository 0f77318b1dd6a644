import type { LaunchPlan } from '../launch.js';

/** One published kernel: where its source is, what it serves, and where its schedule comes from. */
export type KernelEntry = CpuKernelEntry | CudaKernelEntry;

export interface CpuKernelEntry extends EntryFacts {
  /** `cpu:avx512`. */
  readonly target: `cpu:${string}`;
  readonly launch?: never;
  readonly image?: never;
}

export interface CudaKernelEntry extends EntryFacts {
  /** `cuda:sm_90`. */
  readonly target: `cuda:${string}`;
  readonly launch: LaunchPlan;
  /** The kernel compiled for its target: no compiler is needed, nor waited for. */
  readonly image?: KernelImage;
}

/** What every kernel's entry says, whatever it runs on. */
interface EntryFacts {
  /** `<layer>__<schedule>`: also the exported symbol. */
  readonly name: string;
  /** The layer that it serves: a problem's name without the batch. */
  readonly layer: string;
  /** Source file, relative to the library's folder. */
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly fileHash: string;
  /** SHA-256 of the source that was measured, hex: the file without its head. */
  readonly sourceHash: string;
  readonly provenance: Provenance;
}

/** A cubin, packed by gzip: it runs on GPUs of its architecture, and on later ones that share the major number. */
export interface KernelImage {
  /** Relative to the library's folder. */
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly hash: string;
  /** SHA-256 of the source that it was compiled from, hex: the entry's own. */
  readonly sourceHash: string;
  /** What made it: not always what made the binary that was measured. */
  readonly compiler: string;
}

/** How a winner was found. Times in microseconds, of the whole problem at `batch`. */
export interface Provenance {
  readonly batch: number;
  /** Of the processor; 1 for a kernel of a GPU. */
  readonly threads: number;
  readonly median: number;
  /** Median of the default schedule, measured beside it; absent if it was not. */
  readonly default?: number;
  /** Time of a copy that moves as many bytes as the problem must, half read and half written, measured beside it. */
  readonly copy: number;
  readonly trials: number;
  /** The processor or the GPU that it was measured on. */
  readonly machine: string;
  readonly compiler: string;
  /** ISO 8601, UTC. */
  readonly measured: string;
}
