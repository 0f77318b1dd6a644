import { groups } from '../group.js';
import type { Problem } from '../problem.js';
import { MULTIPROCESSORS } from './h100_model.js';
import type { Multiprocessor } from './multiprocessor.js';
import { mostResident, planeBox } from './plane_box.js';
import { readsParts } from './ring.js';
import { ringLayer } from './ring_turn.js';

// Values that both ring families try.

/** Blocks of so many channels and planes that a multiprocessor has room for. */
export function ringsHeld(problem: Problem, machine: Multiprocessor, channels: number, depth = 1): number {
  return mostResident(machine, depth * planeBox(ringLayer(problem), channels, 1).bytes);
}

/** Counts of equal bands of so many rows, `most` at most; or the whole plane. */
export function bandCounts(problem: Problem, rows: readonly number[], most: number): readonly number[] {
  const { height } = ringLayer(problem);
  const counts = rows
    .map((each) => height / each)
    .filter((count) => Number.isInteger(count) && count <= most);
  return counts.length > 0 ? counts : [1];
}

/**
 * Images a block: the first of `counts`, largest first, that leaves every multiprocessor as many blocks as it has room for, or
 * nearly so; else the last.
 */
export function imageCount(
  { batch, channels }: Problem,
  counts: readonly number[],
  block: { readonly channels: number; readonly resident: number },
): number {
  const blocks = (images: number) => (channels / block.channels) * Math.ceil(batch / images);
  return counts.find((images) => blocks(images) >= 0.9 * MULTIPROCESSORS * block.resident) ?? counts.at(-1)!;
}

/**
 * Bands that a block may be ahead of its neighbours, 0 being any number of them: those of `tried`, where blocks read parts of the
 * same lines, at one pace.
 * @param widths channels of a block
 */
export function lags(
  problem: Problem,
  widths: readonly number[],
  tried: readonly number[],
): readonly number[] {
  const isOne = groups(problem).length === 1;
  return isOne && widths.some((channels) => readsParts({ channels })) ? [...tried, 0] : [0];
}

export function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)];
}
