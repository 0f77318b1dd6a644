import type { GeluForm, Stem } from '../../generator/operations/operation.js';
import { outputSize, type Problem } from '../../generator/problem.js';
import type { MapSize, Parameters, PlanBuilder } from './builder.js';
import { type PlanMap, pixelsOf } from './map.js';

/** LayerNorm, with scale and shift if they are given, in place. */
export function norm(
  { operation }: PlanBuilder,
  name: string,
  map: PlanMap,
  { affine, gelu = null }: { readonly affine?: Parameters; readonly gelu?: GeluForm | null } = {},
): PlanMap {
  const op = { kind: 'norm', channels: map.channels, affine: affine !== undefined, gelu } as const;
  return operation(name, op, map, map, { parameters: affine });
}

/** In place. */
export function gelu({ operation }: PlanBuilder, name: string, map: PlanMap, form: GeluForm): PlanMap {
  return operation(name, { kind: 'gelu', channels: map.channels, form }, map, map);
}

/** Of the images, or of a map, whose pixels may be normalized. */
export function patches(
  { operation, images }: PlanBuilder,
  name: string,
  input: PlanMap,
  { side, normalize }: { readonly side: number; readonly normalize: boolean },
): PlanMap {
  const { height, width, channels } = input;
  const layout = input === images ? 'nchw' : 'nhwc';
  const op = { kind: 'patches', layout, height, width, channels, side, normalize } as const;
  const size: MapSize = {
    height: Math.floor(height / side),
    width: Math.floor(width / side),
    channels: side ** 2 * channels,
  };
  return operation(name, op, input, size);
}

/** Images brought to so many channels, and an oriented convolution of that. */
export function stem(
  { operation, images }: PlanBuilder,
  name: string,
  asked: Problem,
  parameters: Parameters,
): PlanMap {
  const size = { ...outputSize(asked), channels: asked.channels };
  return operation(name, stemOf(images, asked), images, size, { parameters });
}

/** @param asked the convolution */
export function stemOf({ channels: planes }: PlanMap, asked: Problem): Stem {
  const { height, width, stride, kernel, angles, channels } = asked;
  return { kind: 'stem', height, width, planes, channels, kernel, angles, stride };
}

export function pool({ operation }: PlanBuilder, name: string, input: PlanMap): PlanMap {
  const { channels } = input;
  const op = { kind: 'pool', pixels: pixelsOf(input), channels } as const;
  return operation(name, op, input, { height: 1, width: 1, channels });
}

export interface ProductOptions {
  readonly outer: number;
  readonly normalize?: boolean;
  readonly gelu?: GeluForm | null;
  /** What the product is added to, in place. */
  readonly residual?: PlanMap;
}

export function product(
  { operation }: PlanBuilder,
  name: string,
  input: PlanMap,
  parameters: Parameters,
  { outer, normalize = false, gelu = null, residual }: ProductOptions,
): PlanMap {
  const { height, width, channels: inner } = input;
  const op = { kind: 'product', inner, outer, normalize, gelu, residual: residual !== undefined } as const;
  const output = residual ?? { height, width, channels: outer };
  return operation(name, op, input, output, { parameters, residual });
}
