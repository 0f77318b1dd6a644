import type { Extent } from '../../problem.js';
import { WARP } from '../multiprocessor.js';
import { SLAB } from './layout.js';
import type { RegionGradParams } from './plan.js';

/** Pixels that a warp copies at a time, each by lanes of 16 bytes. */
export const BESIDE = WARP / (SLAB / 4);

/** Warps that copy: those that do nothing else, or all. */
export function fetchersOf({ warps, producers }: Pick<RegionGradParams, 'warps' | 'producers'>): number {
  return producers > 0 ? producers : warps;
}

/**
 * Of how many warps each copies a part of a row of pixels, so that none copies more often than it must: the fewest of those by which it
 * does so the least often.
 *
 * @param fetchers that share the rows
 * @param apart divides the fetchers; a warp's rows are a multiple of it from one another
 */
export function splitOf({ height, width }: Extent, fetchers: number, apart: number): number {
  const turns = (split: number) =>
    Math.ceil((height * split) / fetchers) * Math.ceil(width / (BESIDE * split));
  return Array.from({ length: fetchers }, (_, i) => i + 1)
    .filter((split) => fetchers % (split * apart) === 0)
    .reduce((best, split) => (turns(split) < turns(best) ? split : best));
}
