import type { Extent } from '../problem.js';
import { blocksByShared, type Multiprocessor } from './multiprocessor.js';

/** A plane in shared memory, as [row][column][channel], with zeros behind its rows and columns. */
export interface PlaneBox {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
}

/** The copy engine writes to multiples of this, in bytes. */
export const BOX_ALIGNMENT = 128;

/** So many bytes, and as many more as there are to where it may write next. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / BOX_ALIGNMENT) * BOX_ALIGNMENT;
}

/** The longest side of a box of the copy engine. */
export const MAX_BOX = 256;

/** Beyond so many blocks a multiprocessor there is nothing left to hide. */
export const MAX_RESIDENT = 16;

/** The most blocks of so much shared memory that a multiprocessor should hold: as many as it has room for. @param bytes of a block */
export function mostResident(machine: Multiprocessor, bytes: number): number {
  return Math.min(MAX_RESIDENT, blocksByShared(machine, bytes));
}

/**
 * @param tiles of a line
 * @param margin rows of zeros behind the plane, at least
 */
export function planeBox({ height, width }: Extent, channels: number, tiles: number, margin = 0): PlaneBox {
  // One row and column of zeros, or as many as a line's last tile sticks out.
  const reach = (size: number) => Math.max(size + 1, tiles * Math.ceil(size / tiles));
  const rows = Math.max(reach(height), height + margin);
  // Odd, so that the two rows that a warp reads 16 channels of lie in different banks.
  const columns = reach(width) | 1;
  return { rows, columns, bytes: 4 * rows * columns * channels };
}
