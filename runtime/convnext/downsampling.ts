import type { Layout } from '../../generator/problem.js';
import type { PlanMap } from '../plan/map.js';
import { patches, product } from '../plan/operations.js';
import { folded } from './fold.js';
import type { Network } from './network.js';

/**
 * Half the size and more channels, before stage 1, 2 or 3: LayerNorm, then a 2x2 convolution at stride 2.
 * @param layout of what it gives
 */
export function downsampling(
  { builder, config, weights }: Network,
  stage: number,
  input: PlanMap,
  layout: Layout,
): PlanMap {
  const [norm, layer] = [`downsample_layers.${stage}.0`, `downsample_layers.${stage}.1`];
  const rows = patches(builder, norm, input, { side: 2, normalize: true });
  return product(builder, layer, rows, folded(weights, { layer, norm }), {
    outer: config.widths[stage]!,
    layout,
  });
}
