import fc from 'fast-check';
import type { ProductParams } from '../../generator/operations/cpp/product/params.js';
import { type ProductSchedule, productSchedule } from '../../generator/operations/cpp/product/schedule.js';
import type { Product } from '../../generator/operations/operation.js';
import { cpuTarget, type Isa } from '../../generator/target.js';
import { anyGelu } from './operation_case.js';

/** A kernel and how many rows it takes. */
export interface ProductCase {
  readonly schedule: ProductSchedule;
  readonly count: number;
  readonly bias: boolean;
}

/** Around and between every width of vectors and panels. */
const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 130 }));

export const anyProduct: fc.Arbitrary<Product> = fc
  .record({
    kind: fc.constant('product' as const),
    inner: side,
    outer: side,
    normalize: fc.boolean(),
    gelu: anyGelu,
    residual: fc.boolean(),
  })
  .map((op) => ({ ...op, residual: op.residual && op.gelu === null }));

export const anyParams: fc.Arbitrary<ProductParams> = fc
  .record({
    tileRows: fc.integer({ min: 1, max: 6 }),
    tileVectors: fc.integer({ min: 1, max: 3 }),
    unroll: fc.constantFrom(1, 2, 4, 8),
    unitRows: fc.integer({ min: 1, max: 3 }),
    unitPanels: fc.integer({ min: 1, max: 3 }),
    ahead: fc.integer({ min: 0, max: 2 }),
    touch: fc.integer({ min: 0, max: 1 }),
    stage: fc.integer({ min: 0, max: 1 }),
  })
  .map((params) => ({ ...params, unitRows: params.unitRows * params.tileRows }));

/** So many different legal kernels, the same for the same seed. */
export function someProducts(isa: Isa, count: number, seed: number): readonly ProductCase[] {
  const rows = fc.integer({ min: 1, max: 40 });
  const drawn = fc.sample(fc.tuple(anyProduct, anyParams, rows, fc.boolean()), { seed, numRuns: 10 * count });
  const found = new Map<string, ProductCase>();
  for (const [product, params, rowCount, bias] of drawn) {
    const schedule = productSchedule(product, cpuTarget(isa), params);
    if (schedule.kind === 'product-schedule') found.set(schedule.name, { schedule, count: rowCount, bias });
  }
  return [...found.values()].slice(0, count);
}
