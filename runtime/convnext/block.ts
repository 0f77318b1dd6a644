import type { PlanMap } from '../plan/map.js';
import { product } from '../plan/operations.js';
import { folded } from './fold.js';
import type { Network } from './network.js';
import { normalizedProduct } from './product.js';

/**
 * Adds to a map, in place, what a block makes of it: a depthwise convolution, LayerNorm, four times the channels, GELU,
 * perhaps a second convolution there, and back, times gamma.
 */
export function block(network: Network, name: string, map: PlanMap): PlanMap {
  const { builder, config, weights, depthwise } = network;
  const hasSecond = config.kernels.second !== null;
  const names = { norm: `${name}.norm`, product: `${name}.pwconv1` };
  const wide = normalizedProduct(network, depthwise(`${name}.${hasSecond ? 'dwconv1' : 'dwconv'}`, map), {
    names,
    parameters: folded(weights, { layer: names.product, norm: names.norm }),
    outer: 4 * map.channels,
    gelu: true,
  });
  const features = hasSecond ? depthwise(`${name}.dwconv2`, wide) : wide;
  const parameters = folded(weights, { layer: `${name}.pwconv2`, scale: `${name}.gamma` });
  return product(builder, `${name}.pwconv2`, features, parameters, { outer: map.channels, residual: map });
}
