import { inputElements, outputElements, type Problem, weightsOf } from '../../generator/problem.js';
import type { Convolution } from '../../runtime/convolution.js';
import { tensor } from '../../runtime/tensor.js';
import type { Operands } from './formula.js';
import type { wholeNumbers } from './numbers.js';

/** Input, weights and, if asked for, bias of a problem. */
export function operands(
  p: Problem,
  numbers: typeof wholeNumbers,
  hasBias: boolean,
  resid: boolean,
): Operands {
  return {
    input: numbers(inputElements(p), 1),
    weight: numbers(p.channels * weightsOf(p), 2),
    resid,
    ...(hasBias && { bias: numbers(p.channels, 3) }),
  };
}

/** Runs between guards, aligned as streamed stores want it: what is read beyond the input is not a number, what is written beyond the output shows. */
export function runGuarded(
  convolution: Convolution,
  given: Operands,
): { output: Float32Array; guards: number[] } {
  const guard = 4096;
  const guarded = (length: number) => tensor(length + 2 * guard).fill(Number.NaN);
  const [input, output] = [guarded(given.input.length), guarded(outputElements(convolution.problem))];
  input.set(given.input, guard);
  const inner = output.subarray(guard, output.length - guard);
  convolution.run({ ...given, input: input.subarray(guard, input.length - guard), output: inner });
  return { output: inner, guards: [...output.subarray(0, guard), ...output.subarray(output.length - guard)] };
}
