import type { Layout } from '../../generator/problem.js';
import type { PlanMap } from '../plan/map.js';
import { type NormOptions, norm, patches, product, stem, stemOf } from '../plan/operations.js';
import { folded, joined, unfolded } from './fold.js';
import type { Network } from './network.js';

const NAME = 'downsample_layers.0';

/** Features of a quarter of the images' size, in that layout. */
export function stemFeatures(network: Network, layout: Layout): PlanMap {
  switch (network.config.stem.kind) {
    case 'patch':
      return patchStem(network, layout);
    case 'oriented':
      return orientedStem(network, layout);
    default:
      return network.config.stem satisfies never;
  }
}

/** A 4x4 convolution at stride 4, as a product of patches, then LayerNorm. */
function patchStem({ builder, config, weights }: Network, layout: Layout): PlanMap {
  const rows = patches(builder, `${NAME}.patches`, builder.images, { side: 4, normalize: false });
  const map = product(builder, `${NAME}.0`, rows, folded(weights, { layer: `${NAME}.0` }), {
    outer: config.widths[0]!,
  });
  return norm(builder, `${NAME}.1`, map, { affine: unfolded(weights, `${NAME}.1`), layout });
}

/** Two oriented convolutions at stride 2, between two pointwise ones. */
function orientedStem(network: Network, layout: Layout): PlanMap {
  const { builder, config, weights, gelu, depthwise } = network;
  const normalized = (name: string, map: PlanMap, options: NormOptions) =>
    norm(builder, name, map, { ...options, affine: unfolded(weights, name) });
  const second = `${NAME}.dw2`;
  const half = normalized(`${NAME}.norm1`, orientedImages(network), { gelu, layout: network.layout(second) });
  const quarter = normalized(`${NAME}.norm2`, depthwise(second, half), { gelu });
  const map = product(builder, `${NAME}.pw2`, quarter, unfolded(weights, `${NAME}.pw2`), {
    outer: config.widths[0]!,
  });
  return normalized(`${NAME}.norm3`, map, { layout });
}

/** A pointwise convolution of the images and an oriented one of that, in one step or in three, as the device would rather have it. */
function orientedImages({ builder, weights, fusion, problem, depthwise }: Network): PlanMap {
  const names = { convolution: `${NAME}.dw1`, pointwise: `${NAME}.pw1` };
  const asked = problem(names.convolution);
  if (fusion.pointwiseIntoConvolution(stemOf(builder.images, asked)))
    return stem(builder, names.convolution, asked, joined(weights, names));
  const rows = patches(builder, `${NAME}.pixels`, builder.images, { side: 1, normalize: false });
  const map = product(builder, names.pointwise, rows, unfolded(weights, names.pointwise), {
    outer: asked.channels,
  });
  return depthwise(names.convolution, map);
}
