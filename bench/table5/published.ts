import type { Cell } from './cell.js';

/** What the paper's Table 5 says of a column, in milliseconds. */
export interface PublishedTimes {
  /** PyTorch's horizontal 1xK convolution. */
  readonly torch: number;
  /** The paper's own kernels, at any of its angles. */
  readonly paper: number;
}

/** Kirchmeyer & Deng 2023, Table 5: RTX 3090, N = 64, C = 512, NCHW, float32; forward, mean and backward without dgrad. */
const TIMES: Readonly<Record<string, PublishedTimes>> = Object.freeze({
  '14 7': { torch: 0.4, paper: 0.3 },
  '14 31': { torch: 1.1, paper: 0.8 },
  '28 7': { torch: 1.4, paper: 0.9 },
  '28 31': { torch: 3.8, paper: 2.6 },
  '56 7': { torch: 5.5, paper: 3.2 },
  '56 31': { torch: 15.0, paper: 9.9 },
});

/** Where {@link publishedTimes} were measured. */
export const PUBLISHED_GPU = 'RTX 3090';

/** The published times of a cell; undefined where the paper has no such column, or another layout or type. */
export function publishedTimes({
  layout,
  dtype,
  size,
  kernel,
}: Pick<Cell, 'layout' | 'dtype' | 'size' | 'kernel'>): PublishedTimes | undefined {
  return layout === 'nchw' && dtype === 'f32' ? TIMES[`${size} ${kernel}`] : undefined;
}
