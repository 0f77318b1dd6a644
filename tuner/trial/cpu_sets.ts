import type { Problem } from '../../generator/problem.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import { tensor } from '../../runtime/tensor.js';
import { lengthOf, setBytes, setOf, type TensorName, type TensorSet, tensorsOf } from './tensors.js';
import { copiedFloats, yardstick } from './yardstick.js';

/**
 * Sets of tensors together exceed the last-level caches, so that each run finds its input in memory; those of a layer
 * below a few MiB do not, and it is timed in part from the cache, as it runs in a network.
 */
const ROTATED_BYTES = 128 << 20;
const LEAST_SETS = 2;
const MOST_SETS = 16;

/** How many sets of a problem's tensors are run in turn. */
export function cpuSetCount(problem: Problem): number {
  return Math.min(MOST_SETS, Math.max(LEAST_SETS, Math.ceil(ROTATED_BYTES / setBytes(problem))));
}

/** Fills an array with as many copies of a part as there is room for, the last one cut off. */
export function repeat(array: Float32Array, part: Float32Array): void {
  for (let at = 0; at < array.length; at += part.length)
    array.set(part.subarray(0, Math.min(part.length, array.length - at)), at);
}

/** A set of a problem's tensors. @param fill writes one that is read */
export function cpuSet(
  problem: Problem,
  fill: (array: Float32Array, name: TensorName) => void,
): TensorSet<Float32Array> {
  const { read, written } = tensorsOf(problem);
  const set = setOf([...read, ...written], (use) => tensor(lengthOf(use)));
  for (const { name } of read) fill(set[name], name);
  return set;
}

/** A copy for each set, as {@link yardstick} says. */
export function cpuCopies(
  device: Pick<CpuDevice, 'copy'>,
  problem: Problem,
  sets: readonly TensorSet<Float32Array>[],
): readonly (() => void)[] {
  const floats = copiedFloats(problem);
  return sets.map((set) => {
    const { source, destination } = yardstick<Float32Array>(problem, set, tensor);
    const [from, to] = [source.subarray(0, floats), destination.subarray(0, floats)];
    return () => device.copy(to, from);
  });
}
