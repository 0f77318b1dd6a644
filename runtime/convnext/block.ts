import type { Layout } from '../../generator/problem.js';
import type { PlanMap } from '../plan/map.js';
import { product } from '../plan/operations.js';
import type { ModelConfig } from './config.js';
import { folded } from './fold.js';
import type { Network } from './network.js';
import { normalizedProduct } from './product.js';

/**
 * Adds to a map, in place where the layout stays, what a block makes of it: a depthwise convolution, LayerNorm, four times the
 * channels, GELU, perhaps a second convolution there, and back, times gamma.
 * @param layout of what it gives
 */
export function block(network: Network, name: string, map: PlanMap, layout: Layout): PlanMap {
  const { builder, config, weights, depthwise } = network;
  const hasSecond = config.kernels.second !== null;
  const names = { norm: `${name}.norm`, product: `${name}.pwconv1` };
  const wide = normalizedProduct(network, depthwise(firstConvolution(config, name), map), {
    names,
    parameters: folded(weights, { layer: names.product, norm: names.norm }),
    outer: 4 * map.channels,
    gelu: true,
  });
  const features = hasSecond ? depthwise(`${name}.dwconv2`, wide) : wide;
  const parameters = folded(weights, { layer: `${name}.pwconv2`, scale: `${name}.gamma` });
  return product(builder, `${name}.pwconv2`, features, parameters, {
    outer: map.channels,
    residual: map,
    layout,
  });
}

/** What a block begins with, by its name in checkpoints. */
export function firstConvolution({ kernels }: ModelConfig, name: string): string {
  return `${name}.${kernels.second !== null ? 'dwconv1' : 'dwconv'}`;
}
