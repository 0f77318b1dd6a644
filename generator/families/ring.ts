import { blocksByShared, type Multiprocessor } from './multiprocessor.js';
import type { PlaneBox } from './plane_box.js';

// A ring: a block's plane in shared memory (plane_box.ts) in equal bands of rows, each fetched again with the next image's
// as soon as every warp has left it.

/** Beyond so many blocks a multiprocessor there is nothing left to hide. */
export const MAX_RESIDENT = 16;

/** The most blocks of so much shared memory that a multiprocessor should hold: as many as it has room for. */
export function mostRings(machine: Multiprocessor, bytes: number): number {
  return Math.min(MAX_RESIDENT, blocksByShared(machine, bytes));
}

/** Bytes that a band's box has; a band starts where the one before it ends. */
export function bandBytes(box: PlaneBox, bandRows: number, channels: number): number {
  return 4 * bandRows * box.columns * channels;
}

/** Static shared memory of a block beside what a family adds: barriers and counters of bands, what it works on. In bytes. */
export function ringStatic(bands: number): number {
  return 16 * bands + 16;
}
