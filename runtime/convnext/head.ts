import type { PlanMap } from '../plan/map.js';
import { pool } from '../plan/operations.js';
import { folded } from './fold.js';
import type { Network } from './network.js';
import { normalizedProduct } from './product.js';

/** Logits of what the last stage gives: the mean over all pixels, LayerNorm, and a linear layer. */
export function head(network: Network, features: PlanMap): PlanMap {
  return normalizedProduct(network, pool(network.builder, 'pool', features), {
    names: { norm: 'norm', product: 'head' },
    parameters: folded(network.weights, { layer: 'head', norm: 'norm' }),
    outer: network.config.classes,
  });
}
