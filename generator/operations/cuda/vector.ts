/** Threads a block of every operation. */
export const THREADS = 256;

/** How many floats are fetched as one: the widest access, of 16 bytes, whose pieces make up each of these extents. */
export function vectorOf(...extents: readonly number[]): number {
  return [4, 2, 1].find((width) => extents.every((extent) => extent % width === 0))!;
}
