import type { Problem } from '../../generator/problem.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import { lengthOf, setBytes, setOf, type TensorSet, tensorsOf } from './tensors.js';
import { copiedFloats, yardstick, yardstickBytes } from './yardstick.js';

/**
 * Sets of tensors together exceed the L2 twice over, so that each run finds its input in memory; those of the smallest
 * layers do not, and they are timed in part from the L2, as they run in a network.
 */
const L2_SIZES = 2;
const LEAST_SETS = 2;
const MOST_SETS = 16;
/** Of the device's free memory; the rest is for weights, for partial sums and for the kernels themselves. */
const SHARE = 0.8;

/** How many sets of tensors take turns: one where memory does not hold two, with what copies have of their own. */
export function setCount(problem: Problem, l2Bytes: number, freeBytes: number): number {
  const bytes = setBytes(problem);
  const wanted = Math.min(MOST_SETS, Math.max(LEAST_SETS, Math.ceil((L2_SIZES * l2Bytes) / bytes)));
  const fitting = Math.floor((SHARE * freeBytes) / (bytes + yardstickBytes(problem)));
  return Math.max(1, Math.min(wanted, fitting));
}

/** Sets of a problem's tensors, not filled. */
export function cudaSets(
  { tensor }: Pick<CudaDevice, 'tensor'>,
  problem: Problem,
  count: number,
): readonly TensorSet<CudaTensor>[] {
  const { read, written } = tensorsOf(problem);
  return Array.from({ length: count }, () => setOf([...read, ...written], (use) => tensor(lengthOf(use))));
}

/** Fills what the first set's problem reads with values over and over, and copies it to the others. */
export function fillSets(
  device: Pick<CudaDevice, 'upload' | 'copy'>,
  problem: Problem,
  sets: readonly TensorSet<CudaTensor>[],
  values: TensorSet<Float32Array>,
): void {
  const [first, ...others] = sets;
  for (const use of tensorsOf(problem).read) {
    const [tensor, part, length] = [first![use.name], values[use.name], lengthOf(use)];
    for (let at = 0; at < length; at += part.length)
      device.upload(tensor, part.subarray(0, Math.min(part.length, length - at)), at);
    for (const other of others) device.copy(other[use.name], tensor).run();
  }
}

/** A copy for each set, as {@link yardstick} says. @param make a tensor of so many floats */
export function cudaCopies(
  { copy }: Pick<CudaDevice, 'copy'>,
  problem: Problem,
  sets: readonly TensorSet<CudaTensor>[],
  make: (floats: number) => CudaTensor,
): readonly CudaLaunch[] {
  return sets.map((set) => {
    const { source, destination } = yardstick(problem, set, make);
    return copy(destination, source, copiedFloats(problem));
  });
}
