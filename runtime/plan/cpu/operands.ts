import { isInPlace, type Operation } from '../../../generator/operations/operation.js';
import { arrayOverlap, requireApart } from '../../apart.js';
import { requireFloats } from '../../tensor.js';
import { extentsOf } from '../extents.js';
import type { StepOperands } from '../step_operands.js';

/**
 * Accepts arrays and parameters as long as an operation on so many rows or images says, which overlap only where it allows
 * that: the same array in both places. @throws DeviceError
 */
export function requireOperands(operation: Operation, operands: StepOperands<Float32Array>): void {
  const { weight, bias, input, residual, output, count } = operands;
  const extents = extentsOf(operation);
  if (weight) requireFloats('weight', weight, extents.weight ?? [0]);
  if (bias) requireFloats('bias', bias, extents.bias ?? [0]);
  requireFloats('input', input, [count, extents.input]);
  requireFloats('output', output, [count, extents.output]);
  if (residual) requireFloats('residual', residual, [count, extents.output]);
  const apart = {
    ...(!(isInPlace(operation) && isSame(input, output)) && { input }),
    ...(residual && !isSame(residual, output) && { residual }),
  };
  requireApart(apart, { output }, arrayOverlap);
}

function isSame(one: Float32Array, other: Float32Array): boolean {
  return one.buffer === other.buffer && one.byteOffset === other.byteOffset;
}
