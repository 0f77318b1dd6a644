import type { CpuTarget } from '../../../target.js';
import type { Product } from '../../operation.js';
import type { ProductParams } from './params.js';

/** Sizes that follow from a product and its parameters; floats, unless something else is said. */
export interface ProductPlan {
  /** Inner, and zeros up to a whole turn of the tile's loop. */
  readonly depth: number;
  /** From one row of x to the next, as tiles read it. */
  readonly pitch: number;
  /** Outputs a panel. */
  readonly width: number;
  readonly panels: number;
  /** Units side by side that together have all panels. */
  readonly groups: number;
  /** Outputs of the last panel that there are. */
  readonly last: number;
}

/** float32 numbers of a memory line. */
export const LINE = 16;

export function productPlan(
  { inner, outer }: Product,
  { tileVectors, unroll, unitPanels, stage }: ProductParams,
  { lanes }: CpuTarget,
): ProductPlan {
  const depth = Math.ceil(inner / unroll) * unroll;
  const width = tileVectors * lanes;
  const panels = Math.ceil(outer / width);
  return {
    depth,
    // An odd number of lines: a tile reads the same column of many rows, which then lie in different sets of the L1 cache.
    pitch: stage === 1 ? (Math.ceil(depth / LINE) | 1) * LINE : inner,
    width,
    panels,
    groups: Math.ceil(panels / unitPanels),
    last: outer - (panels - 1) * width,
  };
}
