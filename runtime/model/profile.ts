import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import type { Executable, StepTime } from '../plan/executable.js';
import { stepWork, type Work } from '../plan/work.js';
import { copyRate } from './copy_rate.js';

export interface ProfileSpec {
  readonly batch: number;
  /** Pixels of an image. */
  readonly height: number;
  readonly width: number;
  /** How often it is timed; medians are given. */
  readonly rounds: number;
}

/** Times in microseconds. */
export interface ModelProfile {
  /** Of all steps in one go. */
  readonly total: number;
  readonly steps: readonly ProfiledStep[];
  /** Bytes that a copy on this device moves in a second, read and written: what the floors are made of. */
  readonly copyRate: number;
  /** Of arena, parameters and what kernels need beside them. */
  readonly bytes: number;
}

export interface ProfiledStep extends StepTime, Work {
  /**
   * How long a copy of as many bytes takes, in microseconds: less is not to be had of arrays that come from memory. What the
   * step before left in a cache may be had sooner.
   */
  readonly floor: number;
}

/** Runs noise through an executable and times it. @throws DeviceError */
export async function profiled(
  executable: Executable,
  device: CpuDevice | CudaDevice,
  rounds: number,
): Promise<ModelProfile> {
  const { plan, bytes } = executable;
  await executable.run(noise(plan.images.elements));
  const { total, steps } = await executable.profile(rounds);
  const rate = copyRate(device);
  return Object.freeze({
    total,
    copyRate: rate,
    bytes,
    steps: Object.freeze(
      steps.map((time, i) => {
        const work = stepWork(plan.steps[i]!);
        return Object.freeze({ ...time, ...work, floor: (1e6 * work.bytes) / rate });
      }),
    ),
  });
}

/** Numbers from -1 to 1 that look like no pattern; which ones does not matter, as long as none is subnormal. */
function noise(length: number): Float32Array {
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; i++) numbers[i] = ((i * 7919) % 2003) / 1001 - 1;
  return numbers;
}
