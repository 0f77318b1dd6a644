import { types } from 'node:util';
import type { Layout } from '../generator/problem.js';
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
 */
export function tensor(length: number): Float32Array<ArrayBuffer> {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new DeviceError('user', {
      code: 'tensor-length',
      value: length,
      rule: 'a tensor has a whole number of elements',
      remedy: 'give its length in floats',
    });
  return new Float32Array(addon().allocate(4 * length));
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

/**
 * Accepts a Float32Array with as many elements as `dims` say, whose memory cannot shrink under a running kernel.
 * @throws DeviceError
 */
export function requireFloats(what: string, value: unknown, dims: readonly number[]): void {
  const length = dims.reduce((product, size) => product * size, 1);
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
