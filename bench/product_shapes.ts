import type { Product } from '../generator/operations/operation.js';

/** A product of a network, with its rows for one image. */
export interface ProductShape {
  readonly product: Product;
  readonly rows: number;
  /** How often the tiny 2d network has it; 0 where only another variant does. */
  readonly times: number;
}

const plain = { kind: 'product', normalize: false, gelu: null, residual: false } as const;

/** Blocks, channels and the side of the map of each stage, at 224x224. */
const STAGES = [
  [3, 96, 56],
  [3, 192, 28],
  [9, 384, 14],
  [3, 768, 7],
] as const;

/** Every product of the tiny networks. */
export const TINY_PRODUCTS: readonly ProductShape[] = [
  { product: { ...plain, inner: 48, outer: 96 }, rows: 56 ** 2, times: 1 },
  { product: { ...plain, inner: 64, outer: 96 }, rows: 56 ** 2, times: 0 },
  ...STAGES.flatMap(([times, channels, side]) => stage(times, channels, side ** 2)),
  { product: { ...plain, inner: 768, outer: 1000 }, rows: 1, times: 1 },
];

/** Both products of a block, and the one of the downsampling that follows. */
function stage(times: number, channels: number, rows: number): readonly ProductShape[] {
  const wide = { ...plain, inner: channels, outer: 4 * channels, normalize: true, gelu: 'exact' } as const;
  const narrow = { ...plain, inner: 4 * channels, outer: channels, residual: true };
  const down = { ...plain, inner: 4 * channels, outer: 2 * channels };
  return [
    { product: wide, rows, times },
    { product: narrow, rows, times },
    ...(channels < 768 ? [{ product: down, rows: rows / 4, times: 1 }] : []),
  ];
}
