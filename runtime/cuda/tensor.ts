import { DeviceError } from '../errors.js';
import { requireFloats } from '../tensor.js';
import { cudaAddon, type NativeBuffer } from './addon.js';
import { awaiting, calling } from './failure.js';
import type { Queue } from './queue.js';

/** float32 numbers in a device's memory. */
export interface CudaTensor {
  readonly kind: 'cuda-tensor';
  /** In elements. */
  readonly length: number;
  readonly native: NativeBuffer;
  /** The tensor whose memory this is a part of, and where that begins in it, in elements; else itself, and 0. */
  readonly whole: CudaTensor;
  readonly at: number;
  /**
   * Gives the memory back. What is not freed is given back when it is collected, but JavaScript does not see how large
   * it is and may take its time. Launches that are bound to it, or to a part of it, refuse to run from then on. A part itself
   * gives nothing back.
   */
  free(): void;
}

/** Not cleared. @throws DeviceError if the device has not so much memory left */
export function deviceTensor({ device, latest }: Queue, length: number): CudaTensor {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new DeviceError('user', {
      code: 'tensor-length',
      value: length,
      rule: 'a tensor has a whole number of elements',
      remedy: 'give its length in floats',
    });
  const native = calling(`${4 * length} bytes on ${device.name}`, () =>
    cudaAddon().buffer(device, 4 * length),
  );
  const tensor: CudaTensor = Object.freeze<CudaTensor>({
    kind: 'cuda-tensor',
    length,
    native,
    get whole() {
      return tensor;
    },
    at: 0,
    free: () => calling(latest.kernel, () => cudaAddon().free(native)),
  });
  return tensor;
}

/** `length` elements of a tensor from `at` on, as a tensor that shares its memory. @throws DeviceError if it has not so many */
export function tensorPart(tensor: CudaTensor, at: number, length: number): CudaTensor {
  requireRange(tensor, at, length);
  const native = calling(`a tensor of ${tensor.length}`, () =>
    cudaAddon().part(tensor.native, 4 * at, 4 * length),
  );
  return Object.freeze<CudaTensor>({
    kind: 'cuda-tensor',
    length,
    native,
    whole: tensor.whole,
    at: tensor.at + at,
    free() {},
  });
}

/** Copies an array into the elements from `at` on, after all that the queue's stream had before. @throws DeviceError */
export function upload({ stream, latest }: Queue, tensor: CudaTensor, array: Float32Array, at = 0): void {
  requirePart(tensor, array, at);
  calling(latest.kernel, () => cudaAddon().upload(stream.native, tensor.native, 4 * at, array));
}

/** Copies elements from `at` on into an array. @throws DeviceError, also for a kernel that failed before */
export function download({ stream, latest }: Queue, tensor: CudaTensor, array: Float32Array, at = 0): void {
  requirePart(tensor, array, at);
  calling(latest.kernel, () => cudaAddon().download(stream.native, tensor.native, 4 * at, array));
}

/** Off this thread; leave the array alone until it resolves. */
export function uploadAsync(
  { stream, latest }: Queue,
  tensor: CudaTensor,
  array: Float32Array,
): Promise<void> {
  requirePart(tensor, array, 0);
  return awaiting(latest.kernel, cudaAddon().uploadAsync(stream.native, tensor.native, 0, array));
}

/** Off this thread; leave the array alone until it resolves. */
export function downloadAsync(
  { stream, latest }: Queue,
  tensor: CudaTensor,
  array: Float32Array,
): Promise<void> {
  requirePart(tensor, array, 0);
  return awaiting(latest.kernel, cudaAddon().downloadAsync(stream.native, tensor.native, 0, array));
}

/** How two tensors share memory. */
export function tensorOverlap(one: CudaTensor, other: CudaTensor): string | undefined {
  if (one === other) return 'one tensor';
  const begin = Math.max(one.at, other.at);
  const end = Math.min(one.at + one.length, other.at + other.length);
  return one.whole === other.whole && begin < end ? `elements ${begin} to ${end} of one tensor` : undefined;
}

/** @throws DeviceError unless it is a tensor of as many elements as `dims` say */
export function requireTensor(what: string, value: unknown, dims: readonly number[]): void {
  const length = dims.reduce((product, size) => product * size, 1);
  const tensor = value as Partial<CudaTensor> | null | undefined;
  if (tensor?.kind === 'cuda-tensor' && tensor.length === length) return;
  throw new DeviceError('user', {
    code: `${what}-tensor`,
    value: tensor?.kind === 'cuda-tensor' ? `a tensor of ${tensor.length}` : typeof value,
    rule: `${what} must be a tensor of the device, of ${length} elements, [${dims.join(', ')}]`,
    remedy: `make one with tensor(${length})`,
  });
}

function requirePart(tensor: CudaTensor, array: Float32Array, at: number): void {
  const length = array instanceof Float32Array ? array.length : 0;
  requireFloats('array', array, [length]);
  requireRange(tensor, at, length);
}

function requireRange(tensor: CudaTensor, at: number, length: number): void {
  const whole = [at, length].every((number) => Number.isSafeInteger(number) && number >= 0);
  if (whole && at + length <= tensor.length) return;
  throw new DeviceError('user', {
    code: 'tensor-part',
    value: `${length} elements from ${at}`,
    rule: `the tensor has ${tensor.length} elements`,
    remedy: 'copy a part of it, or make a larger one',
  });
}
