import { constants } from 'node:buffer';
import { totalmem } from 'node:os';
import { types } from 'node:util';
import { inputSize, type Layout, outputSize, type Problem } from '../generator/problem.js';
import { addon } from './addon.js';
import { DeviceError } from './errors.js';

/** What a tensor of images is, beside its numbers. */
export interface TensorShape {
  readonly layout: Layout;
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Zeroed floats, 64-byte aligned and in huge pages from 4 MiB on: the pixels of an NHWC tensor are kilobytes apart, and
 * in small pages they overflow the TLB. Any Float32Array may be convolved; these are faster. Make them once: their memory
 * comes back only when the event loop turns, so that a loop that makes new ones and never waits runs out of it.
 * @param length in floats
 * @throws DeviceError if it is no length, or more than there is memory for
 */
export function tensor(length: number): Float32Array<ArrayBuffer> {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new DeviceError('user', {
      code: 'tensor-length',
      value: length,
      rule: 'a tensor has a whole number of elements',
      remedy: 'give its length in floats',
    });
  const bytes = 4 * length;
  // A system that promises more than it has ends the process once the zeros are written.
  if (bytes > totalmem()) throw noMemory(length);
  if (bytes > constants.MAX_LENGTH)
    throw new DeviceError('user', {
      code: 'tensor-length',
      value: length,
      rule: `an array of this Node has at most ${constants.MAX_LENGTH / 4} floats`,
      remedy: 'use a smaller batch, or smaller images',
    });
  const native = addon();
  try {
    return new Float32Array(native.allocate(bytes));
  } catch (cause) {
    throw noMemory(length, cause);
  }
}

function noMemory(length: number, cause?: unknown): DeviceError {
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return new DeviceError('system', {
    code: 'tensor-memory',
    value: length,
    rule: `so many floats take ${gibibytes(4 * length)}, and of ${gibibytes(totalmem())} not so much is left`,
    remedy: 'make a smaller tensor, for example for a smaller batch, or let go of others first',
    cause,
  });
}

/** [N,C,H,W] or [N,H,W,C]. */
export function dimensions({ layout, batch, channels, height, width }: TensorShape): readonly number[] {
  switch (layout) {
    case 'nchw':
      return [batch, channels, height, width];
    case 'nhwc':
      return [batch, height, width, channels];
    default:
      return layout satisfies never;
  }
}

/** What a problem reads of a batch: [N,C,H,W] or [N,H,W,C], and for dgrad what the layer writes. */
export function inputDimensions(problem: Problem, batch: number): readonly number[] {
  return dimensions({ ...problem, ...inputSize(problem), batch });
}

/** What a problem writes of a batch: [N,C,ceil(H/s),ceil(W/s)] or [N,ceil(H/s),ceil(W/s),C], and for dgrad what the layer reads. */
export function outputDimensions(problem: Problem, batch: number): readonly number[] {
  return dimensions({ ...problem, ...outputSize(problem), batch });
}

/** Elements of a tensor. */
export function size(dims: readonly number[]): number {
  return dims.reduce((product, extent) => product * extent, 1);
}

/**
 * Accepts a Float32Array with as many elements as `dims` say, whose memory cannot shrink under a running kernel.
 * @throws DeviceError
 */
export function requireFloats(what: string, value: unknown, dims: readonly number[]): void {
  const length = size(dims);
  const wanted = `a Float32Array of ${length} elements, [${dims.join(', ')}]`;
  if (!types.isFloat32Array(value)) throw refusal(what, 'type', typeName(value), wanted);
  if (value.length !== length) throw refusal(what, 'length', `Float32Array(${value.length})`, wanted);
  if ((value.buffer as { resizable?: boolean }).resizable)
    throw refusal(what, 'resizable', 'a resizable buffer', `${wanted}, with a buffer of fixed size`);
}

function refusal(what: string, aspect: string, value: string, wanted: string): DeviceError {
  return new DeviceError('user', {
    code: `${what}-${aspect}`,
    value,
    rule: `${what} must be ${wanted}`,
    remedy: `pass ${what} in that form`,
  });
}

function typeName(value: unknown): string {
  return value instanceof Object ? value.constructor.name : String(value);
}
