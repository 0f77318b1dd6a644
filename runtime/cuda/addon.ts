import { addon } from '../addon.js';

declare const brand: unique symbol;

/** A GPU with its primary context, and what is known of it. */
export interface NativeDevice {
  readonly [brand]: 'device';
  readonly name: string;
  /** Compute capability. */
  readonly major: number;
  readonly minor: number;
  readonly multiprocessors: number;
  readonly l2Bytes: number;
  /** The most shared memory that a block can have. */
  readonly sharedBytes: number;
}

export interface NativeStream {
  readonly [brand]: 'stream';
}

/** Device memory. */
export interface NativeBuffer {
  readonly [brand]: 'buffer';
}

export interface NativeModule {
  readonly [brand]: 'module';
}

/** A kernel of a module, and what its compiler made of it. */
export interface NativeFunction {
  readonly [brand]: 'function';
  /** A thread. */
  readonly registers: number;
  /** A block, without the dynamic shared memory. */
  readonly sharedBytes: number;
  /** A thread: what was spilled, and arrays that are indexed at run time. */
  readonly localBytes: number;
  readonly maxThreads: number;
}

/** Something that a stream can do again and again: a launch, a copy, a fill, or a sequence or a graph of these. */
export interface NativeWork {
  readonly [brand]: 'work';
  /** Queues it and returns before it is done. Works without its object. @throws if a buffer of it was freed */
  run(stream?: NativeStream): void;
}

/** A device as NVML knows it. */
export interface NativeSensor {
  readonly [brand]: 'sensor';
}

/** What NVML tells of a device at one moment. */
export interface NativeClocks {
  readonly smMHz: number;
  readonly memoryMHz: number;
  /** Degrees Celsius. */
  readonly temperature: number;
  /** What keeps clocks down, a bit each: nvmlClocksEventReason* of nvml.h. */
  readonly reasons: number;
}

export interface NativeNvrtc {
  readonly [brand]: 'nvrtc';
  /** `13.0`. */
  readonly version: string;
  /** The library's file. */
  readonly path: string;
}

/** cuBLASLt, opened for a device. */
export interface NativeBlas {
  readonly [brand]: 'blas';
  /** `13.0.2`. */
  readonly version: string;
  /** The library's file. */
  readonly path: string;
}

/** A matrix product without its matrices. */
export interface NativeMatmul {
  readonly [brand]: 'matmul';
  /** How many ways to compute it the library names, best first by its own guess. */
  readonly algorithms: number;
}

/**
 * y [rows,outer] = x [rows,inner] * weight [outer,inner]^T + bias [outer], plus a residual [rows,outer] where there is one, or
 * GELU by tanh of that; never both.
 */
export interface MatmulShape {
  readonly rows: number;
  readonly inner: number;
  readonly outer: number;
  readonly residual: boolean;
  readonly gelu: boolean;
  /** In TF32, which keeps 10 bits of a factor's fraction; else in float32. */
  readonly tf32: boolean;
}

/** What a product reads and writes. The output may be the residual. */
export interface ProductBuffers {
  readonly input: NativeBuffer;
  readonly weight: NativeBuffer;
  readonly bias: NativeBuffer;
  readonly residual: NativeBuffer | null;
  readonly output: NativeBuffer;
}

/** What travels between the host and a buffer. */
export type HostArray = Float32Array | Int32Array;

/**
 * A dense float32 tensor at a buffer's start, as the copy engine takes it; dimensions innermost first. `steps` are elements
 * from one to the next of all but the innermost and the last, where they do not follow one another in memory.
 */
export interface NativeTensorMap {
  readonly buffer: NativeBuffer;
  readonly sizes: readonly number[];
  readonly steps?: readonly number[];
  readonly box: readonly number[];
  /** Whether chunks of 16 bytes change places within 128 of shared memory. */
  readonly swizzled?: boolean;
}

/** A buffer's address, a null pointer, the bytes of a scalar or of an array, a tensor map, or a struct of these. */
export type NativeArgument = NativeBuffer | null | HostArray | NativeTensorMap | readonly NativeArgument[];

/**
 * The addon's `cuda` as runtime/native/cuda/ exports it. Every function throws a CudaFailure (failure.ts) where CUDA
 * refuses, at the first of all where there is no CUDA; wrong types and sizes throw plain TypeError and RangeError.
 */
export interface CudaAddon {
  /** The newest CUDA that the driver knows: 13000 for 13.0. */
  driverVersion(): number;
  deviceCount(): number;
  device(index: number): NativeDevice;
  memory(device: NativeDevice): { readonly freeBytes: number; readonly totalBytes: number };
  /** Throws where there is no NVML. */
  sensor(device: NativeDevice): NativeSensor;
  clocks(sensor: NativeSensor): NativeClocks;
  stream(device: NativeDevice): NativeStream;
  /** Waits for all of its work. Throws whatever failed in it. */
  synchronize(stream: NativeStream): void;
  synchronizeAsync(stream: NativeStream): Promise<void>;
  /** Not cleared. */
  buffer(device: NativeDevice, bytes: number): NativeBuffer;
  /** The bytes [offset, offset + bytes) of another as a buffer, which is gone when the other is freed. */
  part(buffer: NativeBuffer, offset: number, bytes: number): NativeBuffer;
  /** Now, rather than when it is collected; later uses throw. */
  free(buffer: NativeBuffer): void;
  /** After all that the stream had before; returns when it is done. `offset` in bytes of the buffer. */
  upload(stream: NativeStream, buffer: NativeBuffer, offset: number, array: HostArray): void;
  /** The same off this thread; the array must be left alone until it resolves. */
  uploadAsync(stream: NativeStream, buffer: NativeBuffer, offset: number, array: HostArray): Promise<void>;
  download(stream: NativeStream, buffer: NativeBuffer, offset: number, array: HostArray): void;
  downloadAsync(stream: NativeStream, buffer: NativeBuffer, offset: number, array: HostArray): Promise<void>;
  /** @param image cubin, fatbin or PTX */
  module(device: NativeDevice, image: Uint8Array): NativeModule;
  /** @param sharedBytes dynamic shared memory of its launches, above 48 KiB too */
  kernel(module: NativeModule, symbol: string, sharedBytes: number): NativeFunction;
  /** @param early whether it may start before the work before it has ended, for which it waits itself */
  launch(
    kernel: NativeFunction,
    blocks: number,
    threads: number,
    args: readonly NativeArgument[],
    stream: NativeStream,
    early?: boolean,
  ): NativeWork;
  copy(destination: NativeBuffer, source: NativeBuffer, bytes: number, stream: NativeStream): NativeWork;
  /** Writes one 32-bit word all over the buffer. */
  fill(buffer: NativeBuffer, word: Uint32Array, stream: NativeStream): NativeWork;
  /** One after the other; a graph takes it, too. */
  sequence(works: readonly NativeWork[], stream: NativeStream): NativeWork;
  graph(works: readonly NativeWork[], stream: NativeStream): NativeWork;
  /** Microseconds between events around so many runs. */
  time(work: NativeWork, runs: number, stream: NativeStream): number;
  /** @param path a file, or a name for the loader to look for */
  nvrtc(path: string): NativeNvrtc;
  /** The cubin, made off this thread. Rejects with the compiler's log as the failure's text. */
  compile(nvrtc: NativeNvrtc, file: string, text: string, flags: readonly string[]): Promise<Uint8Array>;
  /** @param path a file, or a name for the loader to look for */
  blas(path: string, device: NativeDevice): NativeBlas;
  /** @param workspace what its products may use @param most how many ways to compute it are asked for */
  matmul(blas: NativeBlas, shape: MatmulShape, workspace: NativeBuffer, most: number): NativeMatmul;
  /** Products that share a workspace must not run at once. @param algorithm one of the ways, from 0 */
  product(matmul: NativeMatmul, algorithm: number, buffers: ProductBuffers, stream: NativeStream): NativeWork;
}

/** @throws DeviceError if the addon was not built */
export function cudaAddon(): CudaAddon {
  return addon().cuda;
}
