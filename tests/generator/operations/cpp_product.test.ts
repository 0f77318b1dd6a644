import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../generator/errors.js';
import { defaultProductSchedule } from '../../../generator/operations/cpp/product/default.js';
import { productSource } from '../../../generator/operations/cpp/product/emit.js';
import type { ProductParams } from '../../../generator/operations/cpp/product/params.js';
import { productPlan } from '../../../generator/operations/cpp/product/plan.js';
import { productSchedule } from '../../../generator/operations/cpp/product/schedule.js';
import { operationName, type Product } from '../../../generator/operations/operation.js';
import { cpuTarget, ISAS } from '../../../generator/target.js';
import { anyParams, anyProduct } from '../../support/product_case.js';

const wide: Product = {
  kind: 'product',
  inner: 96,
  outer: 384,
  normalize: true,
  gelu: 'exact',
  residual: false,
};
const narrow: Product = { ...wide, inner: 10, outer: 20, normalize: false, gelu: null, residual: true };
const params: ProductParams = {
  tileRows: 9,
  tileVectors: 3,
  unroll: 4,
  unitRows: 54,
  unitPanels: 2,
  ahead: 1,
  touch: 1,
  stage: 1,
};
const avx512 = cpuTarget('avx512');
const plain = cpuTarget('plain');

const anyTarget = fc.constantFrom(...ISAS.map(cpuTarget));

describe('productSchedule', () => {
  it('spells every parameter in its name', () => {
    expect(productSchedule(wide, avx512, params)).toMatchObject({
      kind: 'product-schedule',
      name: 'product_f32_i96_o384_n1_g1_r0__cpp_product_m9_n3_u4_r54_c2_p1_t1_s1',
    });
  });

  it('gives different parameters different names', () => {
    const names = (Object.keys(params) as (keyof ProductParams)[]).map((key) => {
      const other = { ...params, [key]: key === 'unitRows' ? 63 : params[key] === 1 ? 0 : 2 };
      const made = productSchedule(wide, avx512, other);
      return made.kind === 'product-schedule' ? made.name : made.reason;
    });
    expect(new Set(names).size).toBe(Object.keys(params).length);
  });

  it('freezes what it makes', () => {
    const made = productSchedule(wide, avx512, params);
    expect([made, made.params].every(Object.isFrozen)).toBe(true);
  });
});

interface Case {
  readonly rule: string;
  readonly reason: RegExp;
  readonly params: Partial<ProductParams>;
  readonly product?: Product;
}

const REFUSED: readonly Case[] = [
  { rule: 'params', reason: /unroll must be a whole number, not 2.5/, params: { unroll: 2.5 } },
  { rule: 'params', reason: /ahead must be a whole number, not -1/, params: { ahead: -1 } },
  {
    rule: 'switches',
    reason: /ahead is 0 to 4, touch and stage 0 or 1, not 5, 1 and 1/,
    params: { ahead: 5 },
  },
  { rule: 'switches', reason: /not 1, 2 and 1/, params: { touch: 2 } },
  {
    rule: 'registers',
    reason: /30 sums, 3 vectors of weights.*32 vector registers/,
    params: { tileRows: 10 },
  },
  { rule: 'registers', reason: /0 sums/, params: { tileRows: 0 } },
  { rule: 'unroll', reason: /1 to 8 steps, not 16/, params: { unroll: 16 } },
  { rule: 'unroll', reason: /not 0/, params: { unroll: 0 } },
  { rule: 'panel-width', reason: /3 vectors of 16.*32 outputs/, params: {}, product: { ...wide, outer: 32 } },
  { rule: 'unit-rows', reason: /a unit of 8 rows has none of the tiles of 9/, params: { unitRows: 8 } },
  { rule: 'unit-panels', reason: /1 to 8 panels, not 9/, params: { unitPanels: 9 } },
  { rule: 'unit-panels', reason: /not 0/, params: { unitPanels: 0 } },
  { rule: 'stage', reason: /rows of 96 that are normalised/, params: { stage: 0 } },
  {
    rule: 'stage',
    reason: /rows of 10 that are read 4/,
    params: { stage: 0, tileVectors: 2, unitPanels: 1 },
    product: narrow,
  },
  { rule: 'slab', reason: /9999 staged rows take 4479552 bytes, more than/, params: { unitRows: 9999 } },
];

describe('rules', () => {
  it.each(REFUSED)('$rule: $reason', ({ rule, reason, params: change, product = wide }) => {
    const made = productSchedule(product, avx512, { ...params, ...change });
    expect(made).toMatchObject({ kind: 'product-refusal', rule, reason: expect.stringMatching(reason) });
  });
});

describe('productPlan', () => {
  it('covers inner and outer, and spreads a column of staged rows over the cache', () => {
    fc.assert(
      fc.property(anyProduct, anyParams, anyTarget, (op, given, target) => {
        const { depth, pitch, width, panels, groups, last } = productPlan(op, given, target);
        expect(depth % given.unroll).toBe(0);
        expect(depth - op.inner).toBeLessThan(given.unroll);
        expect(pitch).toBeGreaterThanOrEqual(given.stage === 1 ? depth : op.inner);
        if (given.stage === 1) expect(pitch % 32).toBe(16);
        expect((panels - 1) * width + last).toBe(op.outer);
        expect(last).toBeGreaterThan(0);
        expect(groups * given.unitPanels).toBeGreaterThanOrEqual(panels);
      }),
    );
  });
});

describe('defaultProductSchedule', () => {
  it('is legal for any product, target and number of rows', () => {
    const rows = fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined });
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(anyProduct, size, size, anyTarget, rows, (op, inner, outer, target, count) => {
        const product = { ...op, inner, outer };
        expect(defaultProductSchedule(product, target, count).name).toContain(operationName(product));
      }),
    );
  });

  it('fetches weights ahead where they come from memory', () => {
    const [small, large] = [wide, { ...wide, inner: 768, outer: 3072 }].map(
      (op) => defaultProductSchedule(op, avx512, 49).params.ahead,
    );
    expect(small).toBe(0);
    expect(large).toBeGreaterThan(0);
  });

  it('refuses rows that no cache holds', () => {
    expect(() => defaultProductSchedule({ ...wide, inner: 1 << 20 }, avx512)).toThrow(ProblemError);
  });
});

const GOLDEN = [
  productSchedule(wide, avx512, params),
  productSchedule(narrow, plain, {
    tileRows: 3,
    tileVectors: 2,
    unroll: 4,
    unitRows: 6,
    unitPanels: 2,
    ahead: 0,
    touch: 0,
    stage: 1,
  }),
  productSchedule({ ...narrow, inner: 64 }, plain, { ...params, tileRows: 4, tileVectors: 2, stage: 0 }),
].filter((made) => made.kind === 'product-schedule');

describe('productSource', () => {
  it.each(GOLDEN.map((made) => [made.name, made] as const))('emits %s', async (name, made) => {
    await expect(productSource(made).text).toMatchFileSnapshot(`../../golden/${name}.cpp`);
  });

  it('gives the same schedule the same text, another schedule another', () => {
    expect(GOLDEN).toHaveLength(3);
    const [a, b] = GOLDEN.map((made) => productSource(made).text);
    expect(productSource(GOLDEN[0]!).text).toBe(a);
    expect(b).not.toBe(a);
  });
});
