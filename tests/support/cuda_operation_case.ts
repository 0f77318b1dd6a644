import { type Operation, operationName, type Product } from '../../generator/operations/operation.js';
import { extentsOf } from '../../runtime/plan/extents.js';
import { layoutsOf } from '../../runtime/plan/layouts.js';
import { size } from '../../runtime/tensor.js';
import { fractions } from './numbers.js';
import { operationFormula } from './plan_reference.js';

/** What an operation of a GPU reads, and what it makes of that by its definition. */
export interface CudaOperationCase {
  readonly op: Operation;
  /** Rows, or images. */
  readonly count: number;
  readonly input: Float32Array;
  readonly weight: Float32Array | null;
  readonly bias: Float32Array | null;
  readonly residual: Float32Array | null;
  readonly expected: Float64Array;
}

/**
 * Pseudo-random operands of an operation, with a mean that LayerNorm has to take out.
 * @param held makes numbers of them that the kernel can hold
 */
export function cudaOperationCase(
  op: Operation,
  count: number,
  held: (values: Float32Array) => Float32Array = (values) => values,
): CudaOperationCase {
  const { input, output, weight, bias } = extentsOf(op);
  const given = {
    input: held(fractions(count * input, 1).map((x) => x + 0.5)),
    weight: weight && held(fractions(size(weight), 2)),
    bias: bias && held(fractions(size(bias), 3)),
    residual: op.kind === 'product' && op.residual ? fractions(count * output, 4) : null,
  };
  const expected = operationFormula(
    { operation: op, count },
    Float64Array.from(given.input),
    given.residual && Float64Array.from(given.residual),
    given.weight ?? undefined,
    given.bias ?? undefined,
  );
  return { op, count, ...given, expected };
}

/** What a product's output may lie over, if anything: a residual in its own layout. */
export function overOf(op: Product): 'residual' | undefined {
  const { residual, output } = layoutsOf(op);
  return op.residual && residual === output ? 'residual' : undefined;
}

/** A product as a GPU has it: not fused with what stands beside it. */
export function plainProduct(inner: number, outer: number, residual: boolean): Product {
  return { kind: 'product', inner, outer, normalize: false, gelu: null, residual };
}

/**
 * Where a result is off by more than a tolerance, or is no number: a share of 1, or of the number itself where that is
 * larger. Undefined if it is nowhere.
 */
export function inaccuracy(
  { op, expected }: CudaOperationCase,
  actual: ArrayLike<number>,
  tolerance: number,
): string | undefined {
  const name = operationName(op);
  if (actual.length !== expected.length)
    return `${name} has ${actual.length} elements, not ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(error <= tolerance)) return `${name}[${i}] is ${actual[i]}, not ${expected[i]}`;
  }
  return undefined;
}
