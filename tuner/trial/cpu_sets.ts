import type { Problem } from '../../generator/problem.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import { tensor } from '../../runtime/tensor.js';
import { lengthOf, setOf, type TensorName, type TensorSet, tensorsOf } from './tensors.js';
import { copiedFloats, yardstick } from './yardstick.js';

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
