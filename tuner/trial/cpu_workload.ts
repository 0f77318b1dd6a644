import type { Problem } from '../../generator/problem.js';
import { type CpuOptions, openCpu } from '../../runtime/cpu.js';
import type { Timed } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { clocked, type Run } from '../measure/clocked.js';
import { loadOnCpu } from './cpu_kernel.js';
import { cpuCopies, cpuSet, cpuSetCount, repeat } from './cpu_sets.js';
import type { Operands } from './operands.js';
import { type TensorSet, tensorsOf } from './tensors.js';
import { differing, together, unsteady, type Verdict, verdict } from './verify.js';
import type { Workload } from './workload.js';

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
  const length = cpuSetCount(problem);
  return Array.from({ length }, () => cpuSet(problem, (array, name) => repeat(array, first[name])));
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
