import { createRequire } from 'node:module';
import { packagePath } from '../generator/package.js';
import type { Isa } from '../generator/target.js';
import type { CudaAddon } from './cuda/addon.js';
import { DeviceError } from './errors.js';
import type { Shape } from './shape.js';

declare const brand: unique symbol;

/** Threads, and a scratch buffer for each; JavaScript only holds it. */
export interface NativePool {
  readonly [brand]: 'pool';
}

/** An opened kernel with the shape that it is asked for. */
export interface NativeKernel {
  readonly [brand]: 'kernel';
}

/** Weights and bias, folded and reordered for one kernel. */
export interface NativeWeights {
  readonly [brand]: 'weights';
}

/** The same for a kernel of wgrad or backward. */
export interface NativeGradient {
  readonly [brand]: 'gradient';
}

/** Weights, folded and reordered for one kernel of backward; nothing for one of wgrad. */
export interface NativeGradientWeights {
  readonly [brand]: 'gradient-weights';
}

/** An opened kernel of an operation. */
export interface NativeOperation {
  readonly [brand]: 'operation';
}

/** Weight and bias, reordered for one operation's kernel. */
export interface NativeParameters {
  readonly [brand]: 'operation-parameters';
}

/** In floats: what an operation reads and writes of one row or image, and its parameters; 0 where there are none. */
export interface OperationSizes {
  readonly input: number;
  readonly output: number;
  readonly weight: number;
  readonly bias: number;
  /** Whether it adds an array as long as its output. */
  readonly residual: boolean;
}

/** A kernel bound to its arrays, and a handle of it. Both functions work without their object. */
export interface NativeLaunch {
  /** Throws if one of the arrays was transferred away. */
  run(): void;
  /** The same off the JavaScript thread; the arrays must be left alone until it resolves. */
  runAsync(): Promise<void>;
}

/**
 * One axis as weighted sums: output i is the sum of weights[i*width + j] times input first[i] + j, for j below width, over 2^22;
 * width is how many weights an output has.
 */
export interface NativeFilter {
  readonly first: Int32Array;
  readonly weights: Int32Array;
}

/**
 * The addon as runtime/native/addon.cc exports it. It checks types and lengths with plain TypeError and RangeError;
 * what people see is checked before, with better words.
 */
export interface Addon {
  /** Zeroed and 64-byte aligned; huge pages from 4 MiB on. */
  allocate(bytes: number): ArrayBuffer;
  /** `threads` counts the caller: a pool of one runs everything on the calling thread. */
  pool(threads: number): NativePool;
  /**
   * Opens a shared object and looks up the kernel's table; without a path, the shape's general kernel, which is linked in.
   * Throws Error with the loader's words, or when the kernel was built for another ABI.
   */
  kernel(path: string | null, symbol: string, shape: Shape): NativeKernel;
  /** weight [C,K], bias [C]; with resid, 1 is added to the centre tap. */
  weights(
    kernel: NativeKernel,
    weight: Float32Array,
    bias: Float32Array | null,
    resid: boolean,
  ): NativeWeights;
  /** Pins both arrays. */
  launch(
    weights: NativeWeights,
    pool: NativePool,
    input: Float32Array,
    output: Float32Array,
    batch: number,
  ): NativeLaunch;
  /** As `kernel`, for a kernel of wgrad or backward; only wgrad has a general one. */
  gradient(path: string | null, symbol: string, shape: Shape): NativeGradient;
  /** weight [C,K] for backward, null for wgrad; with resid, 1 is added to the centre tap. */
  gradientWeights(kernel: NativeGradient, weight: Float32Array | null, resid: boolean): NativeGradientWeights;
  /** Pins all arrays, and has partial sums of its own: its runs take turns. `inputGrad` for backward, null for wgrad. */
  gradientLaunch(
    weights: NativeGradientWeights,
    pool: NativePool,
    input: Float32Array,
    grad: Float32Array,
    inputGrad: Float32Array | null,
    weightGrad: Float32Array,
    biasGrad: Float32Array,
    batch: number,
  ): NativeLaunch;
  /** Opens a shared object and looks up the table of an operation's kernel. Throws as `kernel` does. */
  operation(path: string, symbol: string, sizes: OperationSizes): NativeOperation;
  /** Each null where the operation has none. */
  operationParameters(
    operation: NativeOperation,
    weight: Float32Array | null,
    bias: Float32Array | null,
  ): NativeParameters;
  /** Pins all arrays. `count` rows or images. */
  operationLaunch(
    parameters: NativeParameters,
    pool: NativePool,
    input: Float32Array,
    residual: Float32Array | null,
    output: Float32Array,
    count: number,
  ): NativeLaunch;
  /** Launches that run one after the other as one. */
  sequence(launches: readonly NativeLaunch[]): NativeLaunch;
  /** Writes the convolution as it is defined, tap by tap in float64, to `output`. */
  reference(
    shape: Shape,
    weight: Float32Array,
    bias: Float32Array | null,
    resid: boolean,
    input: Float32Array,
    output: Float64Array,
    batch: number,
  ): void;
  /** Writes the gradients of weights [C,K] and bias [C] as they are defined, product by product in float64. */
  referenceGradient(
    shape: Shape,
    input: Float32Array,
    grad: Float32Array,
    weightGrad: Float64Array,
    biasGrad: Float64Array,
    batch: number,
  ): void;
  /** memcpy over the pool's threads: the yardstick of a memory-bound kernel. */
  copy(destination: Float32Array, source: Float32Array, pool: NativePool): void;
  /**
   * Filters pixels [rows,columns,3] along rows, rounds to bytes and filters that along columns, to output [H,W,3] of as many rows
   * and columns as the filters have outputs.
   */
  resample(
    pixels: Uint8Array,
    rows: number,
    columns: number,
    down: NativeFilter,
    across: NativeFilter,
    output: Uint8Array,
  ): void;
  /** The widest instruction set that both this processor and the generator know. */
  isa(): Isa;
  /**
   * Has this process killed when its parent ends, on Linux; elsewhere it does nothing.
   * @param parent the number of the process that started this one, which ends at once if that one is gone
   */
  endWithParent(parent: number): void;
  /** Works on machines with CUDA, and says so on others. */
  readonly cuda: CudaAddon;
}

let loaded: Addon | undefined;

/** The addon, loaded at the first call. @throws DeviceError if it was not built, or not for this Node. */
export function addon(): Addon {
  loaded ??= load(packagePath('build', 'Release', 'oriented1d.node'));
  return loaded;
}

function load(path: string): Addon {
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (cause) {
    throw new DeviceError('system', {
      code: 'addon-load',
      value: path,
      rule: `the native addon cannot be loaded: ${(cause as Error).message}`,
      remedy: 'build it with `npm run build:addon` (CMake and a C++20 compiler)',
      cause,
    });
  }
}
