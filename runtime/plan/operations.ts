import type { GeluForm, Norm, Product, Stem } from '../../generator/operations/operation.js';
import { type Layout, outputSize, type Problem } from '../../generator/problem.js';
import type { MapShape, Parameters, PlanBuilder } from './builder.js';
import { type PlanMap, pixelsOf } from './map.js';

export interface NormOptions {
  /** Scale and shift. */
  readonly affine?: Parameters;
  readonly gelu?: GeluForm | null;
  /** Of what it writes: [N,H,W,C] unless given. */
  readonly layout?: Layout;
}

/** LayerNorm, in place where the layout stays. */
export function norm(
  { operation }: PlanBuilder,
  name: string,
  map: PlanMap,
  { affine, gelu = null, layout = 'nhwc' }: NormOptions = {},
): PlanMap {
  const { height, width, channels } = map;
  const plain = { kind: 'norm', channels, affine: affine !== undefined, gelu } as const;
  const planes = normPlanes(map, layout);
  const op: Norm = planes ? { ...plain, planes } : plain;
  const output = written(map, { height, width, channels, layout });
  return operation(name, op, map, output, { parameters: affine });
}

/** Of a norm that turns its map over. */
function normPlanes(map: PlanMap, layout: Layout): Norm['planes'] {
  if (map.buffer.layout === layout) return undefined;
  return { pixels: pixelsOf(map), of: layout === 'nchw' ? 'output' : 'input' };
}

/** Where a step writes that may write over a map: there if that has the layout, else a new one. */
function written(
  over: PlanMap | undefined,
  shape: MapShape & { readonly layout: Layout },
): MapShape | PlanMap {
  return over?.buffer.layout === shape.layout ? over : shape;
}

/** In place. */
export function gelu({ operation }: PlanBuilder, name: string, map: PlanMap, form: GeluForm): PlanMap {
  return operation(name, { kind: 'gelu', channels: map.channels, form }, map, map);
}

/** Of the images, or of a map, whose pixels may be normalized. */
export function patches(
  { operation }: PlanBuilder,
  name: string,
  input: PlanMap,
  { side, normalize }: { readonly side: number; readonly normalize: boolean },
): PlanMap {
  const { height, width, channels, buffer } = input;
  const { layout } = buffer;
  const op = { kind: 'patches', layout, height, width, channels, side, normalize } as const;
  const shape: MapShape = {
    height: Math.floor(height / side),
    width: Math.floor(width / side),
    channels: side ** 2 * channels,
  };
  return operation(name, op, input, shape);
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
  /** What the product is added to, in place where the layout stays. */
  readonly residual?: PlanMap;
  /** Of what it writes: [N,H,W,C] unless given. */
  readonly layout?: Layout;
}

export function product(
  { operation }: PlanBuilder,
  name: string,
  input: PlanMap,
  parameters: Parameters,
  { outer, normalize = false, gelu = null, residual, layout = 'nhwc' }: ProductOptions,
): PlanMap {
  const { height, width, channels: inner } = input;
  const plain = { kind: 'product', inner, outer, normalize, gelu, residual: residual !== undefined } as const;
  const planes = productPlanes(pixelsOf(input), layout, residual);
  const op: Product = planes ? { ...plain, planes } : plain;
  const output = written(residual, { height, width, channels: outer, layout });
  return operation(name, op, input, output, { parameters, residual });
}

/** Of a product whose output has that layout. */
function productPlanes(pixels: number, layout: Layout, residual: PlanMap | undefined): Product['planes'] {
  if (layout === 'nchw') return { pixels, of: 'output' };
  return residual?.buffer.layout === 'nchw' ? { pixels, of: 'residual' } : undefined;
}
