import { ProblemError } from '../../errors.js';
import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { type GeluForm, operationName, type Product } from '../operation.js';
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
  const { inner, outer, residual } = op;
  return render('cuda/product.cu.hbs', {
    symbol,
    plain: !op.normalize && op.gelu === null,
    inner,
    outer,
    residual,
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
 * @param able the form of GELU that is multiplied with, if any
 * @throws ProblemError if a product is fused with anything else that stands beside it
 */
export function requirePlain(op: Product, able: GeluForm | null = null): void {
  if (!op.normalize && (op.gelu === null || op.gelu === able)) return;
  throw new ProblemError({
    code: 'product-fused',
    value: operationName(op),
    rule: `on a GPU, LayerNorm and ${able === null ? 'GELU' : 'any other GELU than by tanh'} are steps of their own, not parts of a product`,
    remedy: 'plan the network for the GPU',
  });
}
