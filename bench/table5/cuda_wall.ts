import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import { monotonicClock } from '../../tuner/measure/clock.js';
import type { Sampler } from '../rounds.js';

/** Of a sample, in microseconds: waiting for the device costs some ten. */
const SHORTEST = 2000;

/** The wall clock from one synchronization to the next, a step on each set in turn: as many turns as a sample needs. */
export function wall(device: CudaDevice, steps: readonly (readonly CudaLaunch[])[]): Sampler {
  const timed = (turns: number) => {
    device.synchronize();
    const start = monotonicClock();
    for (let turn = 0; turn < turns; turn++) for (const step of steps) for (const { run } of step) run();
    device.synchronize();
    return (monotonicClock() - start) / (turns * steps.length);
  };
  let turns: number | undefined;
  return () => {
    if (turns === undefined) {
      timed(1); // what the first run does once, such as loading kernels, does not count
      turns = Math.max(1, Math.ceil(SHORTEST / (timed(1) * steps.length)));
    }
    return timed(turns);
  };
}
