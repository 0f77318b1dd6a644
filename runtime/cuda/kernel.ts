import type { Problem } from '../../generator/problem.js';
import { computedAs } from '../../generator/transpose.js';
import { shape } from '../shape.js';
import { cudaAddon, type NativeArgument, type NativeBuffer, type NativeFunction } from './addon.js';
import type { CudaBinary } from './dispatch.js';
import { calling } from './failure.js';
import type { Queue } from './queue.js';

/** What a kernel takes of a multiprocessor. */
export interface CudaKernel {
  /** A thread. */
  readonly registers: number;
  /** A thread, in bytes: 0 unless registers were spilled. */
  readonly localBytes: number;
  /** A block, in bytes, dynamic shared memory included. */
  readonly sharedBytes: number;
  /** A block. */
  readonly threads: number;
}

/** The kernels of a binary, on a device. */
export interface LoadedKernels {
  readonly run: NativeFunction;
  /** Writes the weights; not there where the kernel takes none. */
  readonly pack: NativeFunction | undefined;
  /** Adds up partial sums; not there where the kernel leaves none. */
  readonly reduce: NativeFunction | undefined;
  /** What they take as their last arguments. */
  readonly tail: readonly NativeArgument[];
  readonly facts: CudaKernel;
}

/** @throws DeviceError if the image is not for this device, lacks a kernel, or needs more shared memory than there is */
export function loadKernels(problem: Problem, binary: CudaBinary, queue: Queue): LoadedKernels {
  const { symbol, plan, image, takesShape } = binary;
  const { module, kernel } = cudaAddon();
  return calling(symbol, () => {
    const code = module(queue.device, image);
    const run = kernel(code, symbol, plan.sharedBytes);
    const other = (name: string, isThere: boolean) =>
      isThere ? calling(name, () => kernel(code, name, 0)) : undefined;
    const pack = other(`${symbol}_pack`, plan.packedFloats > 0);
    const reduce = other(`${symbol}_reduce`, plan.partial?.reduction !== undefined);
    const { registers, localBytes } = run;
    const facts = Object.freeze({
      registers,
      localBytes,
      sharedBytes: run.sharedBytes + plan.sharedBytes,
      threads: plan.threads,
    });
    return { run, pack, reduce, facts, tail: takesShape ? [shapeArgument(problem, queue)] : [] };
  });
}

/** O1dShape of runtime/native/oriented1d_kernel.h, with its tables on the device. */
function shapeArgument(problem: Problem, queue: Queue): NativeArgument {
  const { layout, channels, height, width, stride, kernel, first, dy, dx } = shape(computedAs(problem));
  const sizes = Int32Array.of(layout, channels, height, width, stride, kernel, first.length - 1);
  return [sizes, ...[first, dy, dx].map((table) => onDevice(table, queue))];
}

function onDevice(table: Int32Array, { device, stream }: Queue): NativeBuffer {
  const buffer = cudaAddon().buffer(device, table.byteLength);
  cudaAddon().upload(stream.native, buffer, 0, table);
  return buffer;
}
