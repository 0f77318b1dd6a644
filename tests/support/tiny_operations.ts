import type { Operation } from '../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { plainProduct } from './cuda_operation_case.js';

/** Channels and the side of the map of each stage, at 224x224. */
const STAGES = [
  [96, 56],
  [192, 28],
  [384, 14],
  [768, 7],
] as const;

/** What the tiny networks of all variants do between their convolutions on so many images, each once, with its count. */
export function tinyOperations(images: number): readonly (readonly [operation: Operation, count: number])[] {
  return [...stems(images), ...STAGES.flatMap(([c, side]) => stage(images, c, side)), ...head(images)];
}

function stems(images: number): readonly (readonly [Operation, number])[] {
  const patches = {
    kind: 'patches',
    height: 224,
    width: 224,
    channels: 3,
    side: 4,
    normalize: false,
  } as const;
  return [
    [{ ...patches, layout: 'nchw' }, images],
    [plainProduct(48, 96, false), images * 56 ** 2],
    ...[31, 15].map((kernel) => [stemOf(kernel), images] as const),
    [{ kind: 'norm', channels: 64, affine: true, gelu: 'exact' }, images * 112 ** 2],
    [plainProduct(64, 96, false), images * 56 ** 2],
    [{ kind: 'norm', channels: 96, affine: true, gelu: null }, images * 56 ** 2],
  ];
}

function stemOf(kernel: number): Operation {
  const size = { height: 224, width: 224, planes: 3, channels: 64, stride: 2 };
  return { kind: 'stem', ...size, kernel, angles: PAPER_ANGLES };
}

/** Its blocks, and the downsampling behind it. */
function stage(images: number, channels: number, side: number): readonly (readonly [Operation, number])[] {
  const rows = images * side ** 2;
  const patches = { kind: 'patches', layout: 'nhwc', height: side, width: side, channels, side: 2 } as const;
  const down: readonly (readonly [Operation, number])[] = [
    [{ ...patches, normalize: true }, images],
    [plainProduct(4 * channels, 2 * channels, false), rows / 4],
  ];
  return [
    [{ kind: 'norm', channels, affine: false, gelu: null }, rows],
    [plainProduct(channels, 4 * channels, false), rows],
    [{ kind: 'gelu', channels: 4 * channels, form: 'exact' }, rows],
    [plainProduct(4 * channels, channels, true), rows],
    ...(side > 7 ? down : []),
    ...(side === 56 ? narrow(images, channels, side) : []),
  ];
}

/** Of a stage, and of the stem before it, whose oriented convolutions are in planes. */
function narrow(images: number, channels: number, side: number): readonly (readonly [Operation, number])[] {
  const [pixels, before] = [side ** 2, 4 * side ** 2];
  const stem = { kind: 'norm', channels: 64, affine: true, gelu: 'exact' } as const;
  const back = plainProduct(4 * channels, channels, true);
  return [
    [{ ...stem, planes: { pixels: before, of: 'output' } }, images * before],
    [{ ...stem, planes: { pixels, of: 'input' } }, images * pixels],
    [{ kind: 'norm', channels, affine: true, gelu: null, planes: { pixels, of: 'output' } }, images * pixels],
    [{ kind: 'norm', channels, affine: false, gelu: null, planes: { pixels, of: 'input' } }, images * pixels],
    [{ ...back, planes: { pixels, of: 'residual' } }, images * pixels],
    [{ ...back, planes: { pixels, of: 'output' } }, images * pixels],
  ];
}

function head(images: number): readonly (readonly [Operation, number])[] {
  return [
    [{ kind: 'pool', pixels: 49, channels: 768 }, images],
    [{ kind: 'norm', channels: 768, affine: false, gelu: null }, images],
    [plainProduct(768, 1000, false), images],
  ];
}
