import type { LaunchPlan } from '../generator/launch.js';
import type { Problem } from '../generator/problem.js';
import type { CudaKernel } from '../runtime/cuda/kernel.js';
import type { Sampler } from './rounds.js';

/** A kernel that is to be timed: compiled for the problem, under its name. */
export interface Contestant {
  readonly problem: Problem;
  readonly kernel: string;
  readonly path: string;
  /** A CUDA kernel's. */
  readonly launch?: LaunchPlan;
}

/** A kernel with its weights on all of a stage's buffers. */
export interface Act {
  /** Microseconds of one run, the mean over one turn or more of the buffers. */
  readonly sample: Sampler;
  /** What it takes of a GPU's multiprocessor. */
  readonly resources?: CudaKernel;
}

/** Whether a run finds its input in memory, as in a large network, or where the run before left it. */
export type Cache = 'cold' | 'warm';

/** Where kernels of one shape are timed: a device, and sets of inputs and outputs in rotation. */
export interface Stage {
  /** How many sets take turns; a peer uses as many. */
  readonly sets: number;
  /** @throws DeviceError if the kernel cannot be loaded */
  load(contestant: Contestant): Act;
  /** A copy that moves as many bytes as a problem of this shape must. */
  copy(): Sampler;
  /** Gives the memory of its tensors back. */
  close(): void;
}
