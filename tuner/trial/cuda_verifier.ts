import type { Problem } from '../../generator/problem.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import type { Run } from '../measure/clocked.js';
import { type Inspector, inspector } from './inspection.js';
import type { Operands } from './operands.js';
import { type TensorSet, type TensorUse, tensorsOf } from './tensors.js';
import { type Finding, judge, together, unsteady, type Verdict } from './verify.js';

/** Verifies a kernel that is bound to sets of tensors. @throws DeviceError */
export type CudaVerifier = (launch: Run, sets: readonly TensorSet<CudaTensor>[]) => Verdict;

/** What kernels write, with what it is held against. */
interface Output extends TensorUse {
  readonly reference: Float64Array;
  /** As much of it as the reference covers, of the kernel's first run, on the device and here. */
  readonly first: CudaTensor;
  readonly host: Float32Array;
}

/**
 * Verifies kernels on the device: of the images only the first travel to the host, where they are held against the
 * reference, as do sums over the batch. Then a kernel runs on other tensors, and once more on the first, where what a
 * launch keeps between its runs would show: all three must give the same bits.
 * @param image file of the kernel that inspects outputs
 */
export function cudaVerifier(
  device: CudaDevice,
  image: string,
  problem: Problem,
  { expected }: Operands,
): CudaVerifier {
  const inspect = inspector(device, image);
  const outputs = tensorsOf(problem).written.map((use): Output => {
    const reference = expected[use.name];
    const { length } = reference;
    return { ...use, reference, first: device.tensor(length), host: new Float32Array(length) };
  });
  return (launch, sets) => {
    const run = (at: number) => {
      const set = sets[at]!;
      for (const { name } of outputs) device.fill(set[name], Number.NaN).run();
      launch(at);
      return set;
    };
    const first = run(0);
    const found = together(outputs.map((output) => judged(device, inspect, output, first[output.name])));
    if (found.reason !== undefined) return found;
    for (const at of [sets.length - 1, 0]) {
      const again = run(at);
      for (const output of outputs) {
        const { unequal } = inspect(again[output.name], output.first, output.elements);
        if (unequal !== undefined) return { ...found, reason: unsteady(output, unequal, outputs.length) };
      }
    }
    return found;
  };
}

/** Holds what a first run wrote against the reference, and keeps it for those after it. */
function judged(
  device: CudaDevice,
  inspect: Inspector,
  { symbol, elements, reference, first, host }: Output,
  written: CudaTensor,
): Finding {
  device.download(written, host);
  device.copy(first, written, first.length).run();
  const inspection = inspect(written, first, elements);
  return { symbol, ...judge(host, reference, reference.length / elements, inspection) };
}
