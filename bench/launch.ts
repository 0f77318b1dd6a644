import { problem } from '../generator/problem.js';
import type { CpuDevice } from '../runtime/cpu.js';
import { tensor } from '../runtime/tensor.js';
import { monotonicClock } from '../tuner/measure/clock.js';
import { median } from '../tuner/measure/stats.js';

const SAMPLES = 101;
/** Runs a sample: some 50 microseconds, which the clock tells well. */
const RUNS = 1000;

/** What a run() costs where there is nothing to do: one pixel of one channel by the general kernel, in nanoseconds. */
export async function launchNanoseconds(device: CpuDevice): Promise<number> {
  const convolution = await device.load(problem({ height: 1, width: 1, kernel: 1, angles: [0] }));
  const prepared = convolution.prepare({ weight: tensor(1) });
  const { run } = prepared.bind({ input: tensor(1), output: tensor(1) });
  const samples = Array.from({ length: SAMPLES }, () => {
    const start = monotonicClock();
    for (let i = 0; i < RUNS; i++) run();
    return ((monotonicClock() - start) / RUNS) * 1000;
  });
  return median(samples);
}
