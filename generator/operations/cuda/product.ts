import { ProblemError } from '../../errors.js';
import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { operationName, type Product } from '../operation.js';
import { resultData } from './product_result.js';
import { THREADS, vectorOf } from './vector.js';

const TILE = 64;
const DEPTH = 16;
const EACH = 4;

/**
 * Fills templates/cuda/product.cu.hbs: what multiplies where there is no library for it.
 * @throws ProblemError if it is fused with a LayerNorm or a GELU
 */
export function productText(op: Product, symbol: string): string {
  requirePlain(op);
  const { inner, outer } = op;
  return render('cuda/product.cu.hbs', {
    symbol,
    plain: !op.normalize && op.gelu === null,
    inner,
    outer,
    ...resultData(op),
    tile: TILE,
    depth: DEPTH,
    perThread: EACH,
    in: vectorOf(inner),
    out: vectorOf(outer),
    threads: THREADS,
  });
}

export function productGrid({ outer }: Product, rows: number): Grid {
  return { blocks: Math.ceil(rows / TILE) * Math.ceil(outer / TILE), threads: THREADS };
}

/**
 * @param gelu whether GELU may be part of it
 * @throws ProblemError if a product is fused with anything else that stands beside it
 */
export function requirePlain(op: Product, gelu = false): void {
  if (!op.normalize && (op.gelu === null || gelu)) return;
  throw new ProblemError({
    code: 'product-fused',
    value: operationName(op),
    rule: gelu
      ? 'on a GPU, LayerNorm is a step of its own, not part of a product'
      : 'on a GPU without cuBLASLt, LayerNorm and GELU are steps of their own, not parts of a product',
    remedy: 'plan the network for the GPU',
  });
}
