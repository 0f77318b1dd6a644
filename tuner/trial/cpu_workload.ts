import type { Problem } from '../../generator/problem.js';
import { type CpuOptions, openCpu } from '../../runtime/cpu.js';
import type { Timed } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { clocked, type Run } from '../measure/clocked.js';
import { loadOnCpu } from './cpu_kernel.js';
import { cpuCopies, cpuSet } from './cpu_sets.js';
import type { Operands } from './operands.js';
import { setBytes, type TensorSet, tensorsOf } from './tensors.js';
import { differing, together, unsteady, type Verdict, verdict } from './verify.js';
import type { Workload } from './workload.js';

/**
 * Sets of tensors together exceed the last-level caches, so that each run finds its input in memory; those of a layer
 * below a few MiB do not, and it is timed in part from the cache, as it runs in a network.
 */
const ROTATED_BYTES = 128 << 20;
const LEAST_SETS = 2;
const MOST_SETS = 16;
/** A clock ticks in tens of nanoseconds and a call costs as much: 50 microseconds keep both below a percent. */
const SHORTEST = 50;

export function cpuWorkload(problem: Problem, options: CpuOptions, given: Operands): Workload {
  const device = openCpu(options);
  const sets = buffers(problem, given);
  const timed = (run: Run): Timed => clocked(run, sets.length, monotonicClock);
  let copies: readonly (() => void)[] | undefined;
  return {
    shortest: SHORTEST,
    load(subject) {
      const launches = sets.map(loadOnCpu(device, problem, subject, given.parameters));
      const run: Run = (set) => launches[set]!.run();
      return {
        timed: timed(run),
        verify: () => verified(problem, sets, run, given),
        free() {}, // the collector's
      };
    },
    copy() {
      const made = copies ?? cpuCopies(device, problem, sets);
      copies = made;
      return timed((set) => made[set]!());
    },
    lost: () => false, // a kernel that goes wrong ends the process
  };
}

/** Sets of tensors with equal inputs. */
export function buffers(problem: Problem, { read: first }: Operands): readonly TensorSet<Float32Array>[] {
  const wanted = Math.ceil(ROTATED_BYTES / setBytes(problem));
  const count = Math.min(MOST_SETS, Math.max(LEAST_SETS, wanted));
  return Array.from({ length: count }, () => cpuSet(problem, (array, name) => repeat(array, first[name])));
}

/**
 * Runs a kernel and holds what it wrote against the reference. Then it runs on other tensors, and once more on the first,
 * where what a launch keeps between its runs would show: all three must give the same bits.
 */
export function verified(
  problem: Problem,
  sets: readonly TensorSet<Float32Array>[],
  launch: Run,
  { expected }: Operands,
): Verdict {
  const { written } = tensorsOf(problem);
  const [first, other] = [sets[0]!, sets.at(-1)!];
  const run = (set: number) => {
    for (const { name } of written) sets[set]![name].fill(Number.NaN);
    launch(set);
  };
  run(0);
  const found = together(
    written.map(({ name, symbol, elements }) => ({
      symbol,
      ...verdict(first[name], expected[name], expected[name].length / elements),
    })),
  );
  if (found.reason !== undefined) return found;
  for (const set of [sets.length - 1, 0]) {
    run(set);
    for (const use of written) {
      const image = differing(first[use.name], other[use.name], use.elements);
      if (image !== undefined) return { ...found, reason: unsteady(use, image, written.length) };
    }
  }
  return found;
}

function repeat(array: Float32Array, part: Float32Array): void {
  for (let at = 0; at < array.length; at += part.length)
    array.set(part.subarray(0, Math.min(part.length, array.length - at)), at);
}
