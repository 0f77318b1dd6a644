import type { Problem } from '../generator/problem.js';
import type { CpuDevice } from '../runtime/cpu.js';
import { monotonicClock } from '../tuner/measure/clock.js';
import { noise } from '../tuner/noise.js';
import { mulberry32 } from '../tuner/random.js';
import { loadOnCpu } from '../tuner/trial/cpu_kernel.js';
import { cpuCopies, cpuSet } from '../tuner/trial/cpu_sets.js';
import { setBytes, type TensorSet } from '../tuner/trial/tensors.js';
import { parametersOf } from './parameters.js';
import type { Sampler } from './rounds.js';
import type { Cache, Stage } from './stage.js';

/** Sets of tensors together exceed the last-level caches. */
const ROTATED_BYTES = 128 << 20;

/** Weights are packed before, as a network does; inputs rotate. */
export function cpuStage(device: CpuDevice, shape: Problem, cache: Cache): Stage {
  const sets = rotation(shape, cache);
  return {
    sets: sets.length,
    load(contestant) {
      const { problem } = contestant;
      const launches = sets.map(loadOnCpu(device, problem, contestant, parametersOf(problem)));
      return { sample: mean(launches.map(({ run }) => run)) };
    },
    copy: () => mean(cpuCopies(device, shape, sets)),
    close() {}, // the collector's
  };
}

function rotation(shape: Problem, cache: Cache): readonly TensorSet<Float32Array>[] {
  const random = mulberry32(1);
  const count = cache === 'warm' ? 1 : Math.max(2, Math.ceil(ROTATED_BYTES / setBytes(shape)));
  return Array.from({ length: count }, () => cpuSet(shape, (array) => noise(array, random)));
}

/** Mean time of one run each on every set. */
export function mean(runs: readonly (() => void)[]): Sampler {
  return () => {
    const start = monotonicClock();
    for (const run of runs) run();
    return (monotonicClock() - start) / runs.length;
  };
}
