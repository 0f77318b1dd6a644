import type { Parameters } from '../plan/builder.js';
import type { PlanMap } from '../plan/map.js';
import { gelu as activation, norm, product } from '../plan/operations.js';
import type { Network } from './network.js';

/** A product of normalized rows. The norm's scale and shift are in its parameters. */
export interface NormalizedProduct {
  /** Of the norm and of the product. */
  readonly names: { readonly norm: string; readonly product: string };
  readonly parameters: Parameters;
  readonly outer: number;
  readonly gelu?: boolean;
}

/** In one step or in up to three, as the device would rather have it. The input may be written over. */
export function normalizedProduct(
  { builder, fusion, gelu: form }: Network,
  input: PlanMap,
  spec: NormalizedProduct,
): PlanMap {
  const { names, parameters, outer, gelu = false } = spec;
  // Of planes, the norm makes rows.
  const isFused = fusion.normIntoProduct && input.buffer.layout === 'nhwc';
  const rows = isFused ? input : norm(builder, names.norm, input);
  const made = product(builder, names.product, rows, parameters, {
    outer,
    normalize: isFused,
    gelu: gelu && fusion.geluIntoProduct ? form : null,
  });
  return gelu && !fusion.geluIntoProduct ? activation(builder, `${names.product}.gelu`, made, form) : made;
}
