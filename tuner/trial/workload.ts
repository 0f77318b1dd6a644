import { parseProblemName } from '../../generator/name.js';
import type { Clocks } from '../../runtime/cuda/clocks.js';
import type { Timed } from '../measure/batch.js';
import type { LoadedResources } from '../resources.js';
import { operands } from './operands.js';
import type { Setup, Subject } from './protocol.js';
import type { Verdict } from './verify.js';

/** A problem on a device with everything that its trials share: inputs, weights, the reference, buffers in rotation. */
export interface Workload {
  /** The least that a sample lasts, in microseconds: long enough for what measures time there. */
  readonly shortest: number;
  /** A kernel with its weights, on all of the buffers. @throws DeviceError if it cannot be loaded */
  load(subject: Subject): Specimen;
  /**
   * What kernels are held against: copies that move as many bytes as the problem must, half of its floor read and half
   * written, on the same buffers.
   */
  copy(): Timed;
  /** How a GPU fares, where its driver tells. */
  clocks?(): Clocks | undefined;
  /** Whether the device is of no more use to this process, as a GPU is after a kernel of it went wrong. */
  lost(): boolean;
}

/** A kernel on trial. */
export interface Specimen {
  readonly timed: Timed;
  /** Of a CUDA kernel. */
  readonly resources?: LoadedResources;
  /** Runs it and looks at its output. @throws DeviceError */
  verify(): Verdict;
  /** Gives the memory of its weights back. It is of no use then. */
  free(): void;
}

/**
 * Brings along what its device needs and nothing of the others: a worker is started anew after each crash, and a GPU's takes
 * three times as long to load.
 * @throws DeviceError if there is no such device, or not enough memory
 */
export async function workload({ problem: name, place, seed }: Setup): Promise<Workload> {
  const problem = parseProblemName(name);
  const given = operands(problem, seed);
  switch (place.kind) {
    case 'cpu':
      return (await import('./cpu_workload.js')).cpuWorkload(problem, place, given);
    case 'cuda':
      return (await import('./cuda_workload.js')).cudaWorkload(problem, place, given);
    default:
      return place satisfies never;
  }
}
