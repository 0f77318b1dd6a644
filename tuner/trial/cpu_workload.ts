import { floorBytes, inputElements, outputElements, type Problem } from '../../generator/problem.js';
import { type CpuOptions, openCpu } from '../../runtime/cpu.js';
import { tensor } from '../../runtime/tensor.js';
import type { Timed } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { clocked, type Run } from '../measure/clocked.js';
import type { Operands } from './operands.js';
import { verdict } from './verify.js';
import type { Workload } from './workload.js';
import { type Buffers, yardstick } from './yardstick.js';

/**
 * Sets of buffers together exceed the last-level caches, so that each run finds its input in memory; those of a layer
 * below a few MiB do not, and it is timed in part from the cache, as it runs in a network.
 */
const ROTATED_BYTES = 128 << 20;
const MOST_SETS = 16;
/** A clock ticks in tens of nanoseconds and a call costs as much: 50 microseconds keep both below a percent. */
const SHORTEST = 50;

export function cpuWorkload(problem: Problem, options: CpuOptions, given: Operands): Workload {
  const device = openCpu(options);
  const { parameters, reference, images } = given;
  const sets = buffers(problem, given);
  const timed = (run: Run): Timed => clocked(run, sets.length, monotonicClock);
  return {
    shortest: SHORTEST,
    load({ kernel, path }) {
      const prepared = device.loadBinary(problem, path, kernel).prepare(parameters);
      const launches = sets.map((set) => prepared.bind(set));
      return {
        timed: timed((set) => launches[set]!.run()),
        verify() {
          const { output } = sets[0]!;
          output.fill(Number.NaN);
          launches[0]!.run();
          return verdict(output, reference, images);
        },
      };
    },
    copy() {
      const copies = yardstick(device, problem, sets);
      return timed((set) => copies[set]!());
    },
    lost: () => false, // a kernel that goes wrong ends the process
  };
}

/** Sets of buffers with equal inputs. */
export function buffers(problem: Problem, { input: first }: Operands): readonly Buffers[] {
  const count = Math.min(MOST_SETS, Math.max(2, Math.ceil(ROTATED_BYTES / floorBytes(problem))));
  return Array.from({ length: count }, () => ({
    input: repeated(tensor(inputElements(problem)), first),
    output: tensor(outputElements(problem)),
  }));
}

function repeated(array: Float32Array, part: Float32Array): Float32Array {
  for (let at = 0; at < array.length; at += part.length)
    array.set(part.subarray(0, Math.min(part.length, array.length - at)), at);
  return array;
}
