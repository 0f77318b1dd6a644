import { describe } from 'vitest';
import { OrientedError } from '../../generator/errors.js';
import { type CudaDevice, openCuda } from '../../runtime/cuda/device.js';

/** A suite that runs on a GPU; where there is none it is skipped, and its title says why. */
export function onGpu(title: string, suite: (device: CudaDevice) => void): void {
  const found = gpu();
  if (typeof found !== 'string') return void describe(`${title} on ${found.name}`, () => suite(found));
  console.info(`${title}: skipped, ${found}`);
  describe.skip(`${title} (skipped: ${found})`, () => suite(undefined as never));
}

/** The first GPU, or why there is none. */
function gpu(): CudaDevice | string {
  try {
    return openCuda();
  } catch (error) {
    if (error instanceof OrientedError) return error.rule;
    throw error;
  }
}
