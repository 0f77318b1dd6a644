import { DeviceError } from './errors.js';

/** Arrays or tensors by the names that errors call them. */
export type Named<T> = Readonly<Record<string, T>>;

/**
 * Refuses outputs that lie over anything else: they are written while their neighbours' inputs are still to be read.
 * @param overlap tells how two of them share memory, if they do
 * @throws DeviceError
 */
export function requireApart<T>(
  read: Named<T>,
  written: Named<T>,
  overlap: (one: T, other: T) => string | undefined,
): void {
  const outputs = Object.entries(written);
  outputs.forEach(([name, output], i) => {
    for (const [other, one] of [...Object.entries(read), ...outputs.slice(0, i)]) {
      const shared = overlap(one, output);
      if (shared !== undefined) throw overlapping(other, name, shared);
    }
  });
}

function overlapping(one: string, other: string, value: string): DeviceError {
  return new DeviceError('user', {
    code: `${other}-overlap`,
    value,
    rule: `${one} and ${other} must not share memory`,
    remedy: `give ${other} memory of its own`,
  });
}

/** How two arrays share memory. */
export function arrayOverlap(one: Float32Array, other: Float32Array): string | undefined {
  const begin = Math.max(one.byteOffset, other.byteOffset);
  const end = Math.min(one.byteOffset + one.byteLength, other.byteOffset + other.byteLength);
  return one.buffer === other.buffer && begin < end ? `bytes ${begin} to ${end} of one buffer` : undefined;
}
