import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import { median } from '../median.js';
import { tensor } from '../tensor.js';

/** Floats that no cache holds: 128 MiB. */
const LENGTH = 1 << 25;
const ROUNDS = 5;

/** Bytes that a copy on a device moves in a second, read and written. @throws DeviceError if memory is short */
export function copyRate(device: CpuDevice | CudaDevice): number {
  switch (device.kind) {
    case 'cpu':
      return rate(cpuTimes(device));
    case 'cuda':
      return rate(cudaTimes(device));
    default:
      return device satisfies never;
  }
}

/** @param times microseconds of a copy each */
function rate(times: readonly number[]): number {
  return (1e6 * 2 * 4 * LENGTH) / median(times);
}

function cpuTimes(device: CpuDevice): readonly number[] {
  const [from, to] = [tensor(LENGTH).fill(1), tensor(LENGTH)];
  device.copy(to, from); // the first one finds pages that were never written
  return Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    device.copy(to, from);
    return 1e3 * (performance.now() - start);
  });
}

function cudaTimes(device: CudaDevice): readonly number[] {
  const [from, to] = [device.tensor(LENGTH), device.tensor(LENGTH)];
  try {
    device.fill(from, 1).run();
    const copy = device.graph([device.copy(to, from)]);
    copy.time(1); // wakes the clocks
    return Array.from({ length: ROUNDS }, () => copy.time(4));
  } finally {
    from.free();
    to.free();
  }
}
