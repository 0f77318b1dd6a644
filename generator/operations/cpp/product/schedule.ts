import type { CpuTarget } from '../../../target.js';
import { operationName, type Product } from '../../operation.js';
import { PRODUCT_LETTERS, type ProductParams } from './params.js';
import { PRODUCT_RULES } from './rules.js';

declare const legal: unique symbol;

/** Only {@link productSchedule} makes one, and only a legal one. */
export interface ProductSchedule {
  readonly kind: 'product-schedule';
  readonly product: Product;
  readonly target: CpuTarget;
  readonly params: ProductParams;
  /** `product_f32_i96_o384_n1_g1_r0__cpp_product_m14_n2_u4_r112_c12_p0_t0_s1`: the kernel's symbol too. */
  readonly name: string;
  readonly [legal]: true;
}

/** Parameters that do not fit the product or the machine, with the rule that says so. */
export interface ProductRefusal {
  readonly kind: 'product-refusal';
  readonly params: ProductParams;
  readonly rule: string;
  readonly reason: string;
}

/** Checks parameters against every rule. */
export function productSchedule(
  product: Product,
  target: CpuTarget,
  params: ProductParams,
): ProductSchedule | ProductRefusal {
  const refuse = (rule: string, reason: string): ProductRefusal =>
    Object.freeze({ kind: 'product-refusal', params, rule, reason });
  const fraction = Object.entries(params).find(([, value]) => !Number.isSafeInteger(value) || value < 0);
  if (fraction) return refuse('params', `${fraction[0]} must be a whole number, not ${fraction[1]}`);
  for (const rule of PRODUCT_RULES) {
    const reason = rule.broken(product, params, target);
    if (reason !== undefined) return refuse(rule.id, reason);
  }
  const letters = Object.entries(PRODUCT_LETTERS) as [keyof ProductParams, string][];
  const values = letters.map(([key, letter]) => `${letter}${params[key]}`);
  const name = `${operationName(product)}__cpp_product_${values.join('_')}`;
  return Object.freeze({
    kind: 'product-schedule',
    product: Object.freeze({ ...product }),
    target,
    params: Object.freeze({ ...params }),
    name,
  }) as ProductSchedule;
}
