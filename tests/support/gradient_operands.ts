import { inputElements, outputElements, type Problem, weightsOf } from '../../generator/problem.js';
import { tensor } from '../../runtime/tensor.js';
import type { wholeNumbers } from './numbers.js';

/** x and dy, and for backward the weights and whether they have a resid. */
export function gradientOperands(p: Problem, numbers: typeof wholeNumbers, resid = false) {
  const weight = numbers(p.channels * weightsOf(p), 2);
  return {
    input: numbers(inputElements(p), 1),
    grad: numbers(outputElements(p), 4),
    ...(p.op === 'backward' && { weight, resid }),
  };
}

/** Outputs that are not numbers yet, each between guards that are none either. */
export function guardedOutputs(p: Problem) {
  const guard = 1024;
  const guards: Float32Array[] = [];
  const output = (length: number) => {
    const whole = tensor(length + 2 * guard).fill(Number.NaN);
    guards.push(whole.subarray(0, guard), whole.subarray(guard + length));
    return whole.subarray(guard, guard + length);
  };
  const outputs = {
    ...(p.op === 'backward' && { inputGrad: output(inputElements(p)) }),
    weightGrad: output(p.channels * weightsOf(p)),
    biasGrad: output(p.channels),
  };
  return { outputs, isUntouched: () => guards.every((one) => one.every(Number.isNaN)) };
}
