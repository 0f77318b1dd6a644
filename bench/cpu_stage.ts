import { inputElements, outputElements, type Problem } from '../generator/problem.js';
import type { CpuDevice } from '../runtime/cpu.js';
import { tensor } from '../runtime/tensor.js';
import { monotonicClock } from '../tuner/measure/clock.js';
import { noise } from '../tuner/noise.js';
import { mulberry32 } from '../tuner/random.js';
import { type Buffers, yardstick } from '../tuner/trial/yardstick.js';
import { parametersOf } from './parameters.js';
import type { Sampler } from './rounds.js';
import type { Cache, Stage } from './stage.js';

/** Sets of buffers together exceed the last-level caches. */
const ROTATED_BYTES = 128 << 20;

/** Weights are packed before, as a network does; inputs rotate. */
export function cpuStage(device: CpuDevice, shape: Problem, cache: Cache): Stage {
  const sets = buffers(shape, cache);
  return {
    sets: sets.length,
    load({ problem, kernel, path }) {
      const prepared = device.loadBinary(problem, path, kernel).prepare(parametersOf(problem));
      return { sample: mean(sets.map((set) => prepared.bind(set).run)) };
    },
    copy: () => mean(yardstick(device, shape, sets)),
    close() {}, // the collector's
  };
}

function buffers(shape: Problem, cache: Cache): readonly Buffers[] {
  const [inputs, outputs] = [inputElements(shape), outputElements(shape)];
  const count = cache === 'warm' ? 1 : Math.max(2, Math.ceil(ROTATED_BYTES / (4 * (inputs + outputs))));
  const random = mulberry32(1);
  return Array.from({ length: count }, () => ({
    input: noise(tensor(inputs), random),
    output: tensor(outputs),
  }));
}

/** Mean time of one run each on every set. */
function mean(runs: readonly (() => void)[]): Sampler {
  return () => {
    const start = monotonicClock();
    for (const run of runs) run();
    return (monotonicClock() - start) / runs.length;
  };
}
