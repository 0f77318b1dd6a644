import type { PlanMap } from '../plan/map.js';
import { expand, norm, patches, product } from '../plan/operations.js';
import { folded, unfolded } from './fold.js';
import type { Network } from './network.js';

const NAME = 'downsample_layers.0';

/** Features of a quarter of the images' size. */
export function stem(network: Network): PlanMap {
  switch (network.config.stem.kind) {
    case 'patch':
      return patchStem(network);
    case 'oriented':
      return orientedStem(network, network.config.stem.width);
    default:
      return network.config.stem satisfies never;
  }
}

/** A 4x4 convolution at stride 4, as a product of patches, then LayerNorm. */
function patchStem({ builder, config, weights }: Network): PlanMap {
  const rows = patches(builder, `${NAME}.patches`, builder.images, { side: 4, normalize: false });
  const map = product(builder, `${NAME}.0`, rows, folded(weights, { layer: `${NAME}.0` }), {
    outer: config.widths[0]!,
  });
  return norm(builder, `${NAME}.1`, map, { affine: unfolded(weights, `${NAME}.1`) });
}

/** Two oriented convolutions at stride 2, between two pointwise ones. */
function orientedStem({ builder, config, weights, depthwise }: Network, width: number): PlanMap {
  const normalized = (name: string, map: PlanMap, gelu: boolean) =>
    norm(builder, name, map, { affine: unfolded(weights, name), gelu });
  const wide = expand(builder, `${NAME}.pw1`, width, unfolded(weights, `${NAME}.pw1`));
  const half = normalized(`${NAME}.norm1`, depthwise(`${NAME}.dw1`, wide), true);
  const quarter = normalized(`${NAME}.norm2`, depthwise(`${NAME}.dw2`, half), true);
  const map = product(builder, `${NAME}.pw2`, quarter, unfolded(weights, `${NAME}.pw2`), {
    outer: config.widths[0]!,
  });
  return normalized(`${NAME}.norm3`, map, false);
}
