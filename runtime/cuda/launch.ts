import type { Grid } from '../../generator/launch.js';
import { DeviceError } from '../errors.js';
import { cudaAddon, type NativeArgument, type NativeFunction, type NativeWork } from './addon.js';
import { calling, cudaError } from './failure.js';
import type { CudaStream, Queue } from './queue.js';
import type { CudaTensor } from './tensor.js';

/** Work with its tensors: it runs as often as it is called, and checks nothing but that they are there. */
export interface CudaLaunch {
  readonly kind: 'cuda-launch';
  /** What an error calls it: a kernel's name. */
  readonly name: string;
  readonly native: NativeWork;
  /**
   * Queues it and returns before it is done: `download` and `synchronize` wait for it, and throw if it fails.
   * @param stream the device's own unless given
   * @throws DeviceError if it cannot be queued
   */
  readonly run: (stream?: CudaStream) => void;
}

/** Launches that the device does in one go, without the host between one and the next. */
export interface CudaGraph {
  readonly kind: 'cuda-graph';
  /** Of its launches. */
  readonly name: string;
  /** As {@link CudaLaunch}. */
  readonly run: CudaLaunch['run'];
  /**
   * Runs it so often, between two events. Of the launches it holds, each takes its turn: with tensors that rotate over
   * more than the L2, each finds its input in memory.
   * @returns microseconds of one launch, the mean over all
   * @throws DeviceError
   */
  readonly time: (repetitions: number) => number;
}

/** Work under a name. */
export function launchOf({ latest }: Queue, name: string, make: () => NativeWork): CudaLaunch {
  const native = calling(name, make);
  const { run } = native;
  return Object.freeze<CudaLaunch>({
    kind: 'cuda-launch',
    name,
    native,
    run(stream) {
      latest.kernel = name;
      try {
        run(stream?.native);
      } catch (cause) {
        throw cudaError(name, cause);
      }
    },
  });
}

/** A kernel with its arguments. @throws DeviceError if the grid is beyond what there can be */
export function kernelLaunch(
  symbol: string,
  kernel: NativeFunction,
  { blocks, threads }: Grid,
  args: readonly NativeArgument[],
  queue: Queue,
  early = false,
): CudaLaunch {
  if (blocks >= 2 ** 31)
    throw new DeviceError('user', {
      code: 'grid-range',
      value: blocks,
      rule: `${symbol} would need more blocks than the 2147483647 that a launch can have`,
      remedy: 'use a smaller batch',
    });
  return launchOf(queue, symbol, () =>
    cudaAddon().launch(kernel, blocks, threads, args, queue.stream.native, early),
  );
}

/** Launches that belong together, one after the other, as one. @throws DeviceError */
export function inOrder(queue: Queue, launches: readonly CudaLaunch[]): CudaLaunch {
  const works = launches.map(({ native }) => native);
  return launchOf(queue, namesOf(launches), () => cudaAddon().sequence(works, queue.stream.native));
}

/** Copies the first `length` elements, as fast as memory allows. @throws DeviceError */
export function copyOf(
  queue: Queue,
  destination: CudaTensor,
  source: CudaTensor,
  length: number,
): CudaLaunch {
  return launchOf(queue, 'copy', () =>
    cudaAddon().copy(destination.native, source.native, 4 * length, queue.stream.native),
  );
}

/** Writes one number to every element. @throws DeviceError */
export function fillOf(queue: Queue, tensor: CudaTensor, value: number): CudaLaunch {
  const word = new Uint32Array(Float32Array.of(value).buffer);
  return launchOf(queue, 'fill', () => cudaAddon().fill(tensor.native, word, queue.stream.native));
}

/** @throws DeviceError if there are none, or one was bound to a tensor that is freed */
export function graphOf(queue: Queue, launches: readonly CudaLaunch[]): CudaGraph {
  const name = namesOf(launches);
  const { stream, latest } = queue;
  const works = launches.map(({ native }) => native);
  const { native, run } = launchOf(queue, name, () => cudaAddon().graph(works, stream.native));
  return Object.freeze<CudaGraph>({
    kind: 'cuda-graph',
    name,
    run,
    time(repetitions) {
      requireRepetitions(repetitions);
      latest.kernel = name;
      const total = calling(name, () => cudaAddon().time(native, repetitions, stream.native));
      return total / (repetitions * launches.length);
    },
  });
}

function namesOf(launches: readonly CudaLaunch[]): string {
  return [...new Set(launches.map((launch) => launch.name))].join(', ');
}

function requireRepetitions(repetitions: number): void {
  if (Number.isSafeInteger(repetitions) && repetitions >= 1 && repetitions < 2 ** 31) return;
  throw new DeviceError('user', {
    code: 'repetitions-range',
    value: repetitions,
    rule: 'repetitions must be a whole number from 1 to 2147483647',
    remedy: 'use for example 10',
  });
}
