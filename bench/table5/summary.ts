import type { Timing } from '../layers.js';
import { floorOf, type Measure } from './measure.js';
import type { CellResult, LayerResult } from './result.js';

/** What a measure's times at each single angle have in common. */
export interface AngleSpread {
  readonly fastest: LayerResult;
  readonly slowest: LayerResult;
  /** Of the medians, in microseconds. */
  readonly mean: number;
  /** The slowest's median over the fastest's. */
  readonly ratio: number;
}

/** Over the layers of one angle. */
export function angleSpread({ layers }: CellResult, measure: Measure): AngleSpread {
  const time = (layer: LayerResult) => layer.times[measure].median;
  const alone = layers.filter(({ angles }) => angles.length === 1).toSorted((a, b) => time(a) - time(b));
  const [fastest, slowest] = [alone[0]!, alone.at(-1)!];
  const mean = alone.reduce((sum, layer) => sum + time(layer), 0) / alone.length;
  return { fastest, slowest, mean, ratio: time(slowest) / time(fastest) };
}

/** The copy that an operation is held against; undefined for a step. */
export function floorTiming({ copies }: CellResult, measure: Measure): Timing | undefined {
  const floor = floorOf(measure);
  return floor && copies[floor];
}

/** How many times as long as its floor an operation takes; undefined for a step. */
export function toFloor(cell: CellResult, measure: Measure, { median }: Timing): number | undefined {
  const floor = floorTiming(cell, measure);
  return floor && median / floor.median;
}

/** A peer's fastest time of a measure, whatever its axis; undefined where none was taken. */
export function fastestPeer({ peers }: CellResult, measure: Measure) {
  const timed = peers.flatMap(({ name, axis, times }) => {
    const time = times[measure];
    return time ? [{ name, axis, time }] : [];
  });
  return timed.toSorted((a, b) => a.time.median - b.time.median)[0];
}

/** `torch 1xK`, `cudnn Kx1`. */
export function peerLabel({ name, axis }: CellResult['peers'][number]): string {
  return `${name} ${axis === 'horizontal' ? '1xK' : 'Kx1'}`;
}

/** Cells by layout and type, in the order in which those first come. */
export function byLayout(cells: readonly CellResult[]): readonly (readonly CellResult[])[] {
  const groups = new Map<string, CellResult[]>();
  for (const cell of cells) {
    const key = `${cell.layout} ${cell.dtype}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}

/** Microseconds as milliseconds, to three digits or the millisecond: `0.0421`, `12.3`, `1890`. */
export function milliseconds(time: number): string {
  const value = time / 1000;
  return value < 100 ? value.toPrecision(3) : value.toFixed(0);
}
