import fc from 'fast-check';
import { GELU_FORMS, type Operation, operationName } from '../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { extentsOf } from '../../runtime/plan/extents.js';
import { size } from '../../runtime/tensor.js';
import { fractions } from './numbers.js';

/** An operation and how many rows or images it takes. */
export interface OperationCase {
  readonly operation: Operation;
  readonly count: number;
}

const side = fc.integer({ min: 1, max: 9 });
/** Around and between every width of vectors. */
const channels = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 150 }));

/** In either form, or none. */
export const anyGelu = fc.constantFrom(null, ...GELU_FORMS);

const anyRows: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('norm' as const), channels, affine: fc.boolean(), gelu: anyGelu }),
  fc.record({ kind: fc.constant('gelu' as const), channels, form: fc.constantFrom(...GELU_FORMS) }),
);

const anyPatches: fc.Arbitrary<Operation> = fc
  .record({
    kind: fc.constant('patches' as const),
    layout: fc.constantFrom('nchw' as const, 'nhwc' as const),
    height: side,
    width: side,
    channels,
    side,
    normalize: fc.boolean(),
  })
  .filter(({ height, width, side: whole }) => whole <= height && whole <= width)
  .map((op) => ({ ...op, normalize: op.normalize && op.layout === 'nhwc' }));

/** Odd sizes, up to a few tiles; channels that directions do not divide. */
const anyStem: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('stem' as const),
  height: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 40 }),
  planes: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 70 }),
  kernel: fc.integer({ min: 0, max: 15 }).map((half) => 2 * half + 1),
  angles: fc.constantFrom(PAPER_ANGLES, [0], [30, 120], [22.5, 90, 157.5]),
  stride: fc.integer({ min: 1, max: 3 }),
});

const anyPool: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('pool' as const),
  pixels: side,
  channels,
});

/** So many different operations of each of four sorts, the same for the same seed. */
export function someOperations(each: number, seed: number): readonly OperationCase[] {
  const sorts = [anyRows, anyPatches, anyStem, anyPool];
  const found = sorts.flatMap((sort) =>
    fc.sample(fc.record({ operation: sort, count: fc.integer({ min: 1, max: 5 }) }), { seed, numRuns: each }),
  );
  return [...new Map(found.map((one) => [operationName(one.operation), one])).values()];
}

/** Numbers for an operation's arrays and parameters. */
export function operationOperands({ operation, count }: OperationCase) {
  const { input, weight, bias } = extentsOf(operation);
  return {
    input: fractions(count * input, 1).map((value) => 3 * value + 0.5),
    weight: weight && fractions(size(weight), 2),
    bias: bias && fractions(size(bias), 3),
  };
}
