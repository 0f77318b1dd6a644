import type { Printable } from '../../template.js';
import { NORM_EPSILON } from '../operation.js';
import { THREADS, vectorOf } from './vector.js';

/** Pieces that a lane would hold: enough loads in flight, and registers for many warps. */
const HELD = 4;
/** Bytes that lanes side by side fetch at least, where a row has so many: a line of the cache. */
const LINE = 128;

/** Lanes that hold a row together, so that the others of their warp hold other rows. */
export function lanesOf(channels: number): number {
  const vector = vectorOf(channels);
  const pieces = channels / vector;
  const [fewest, most] = [Math.ceil(pieces / HELD), LINE / (4 * vector)];
  const wanted = Math.max(fewest, Math.min(pieces, most));
  return Math.min(32, 2 ** Math.ceil(Math.log2(wanted)));
}

/** Rows that a block does at a time. */
export function teamsOf(channels: number): number {
  return THREADS / lanesOf(channels);
}

/** What templates/cuda/partials/norm_row.hbs prints. */
export function teamData(channels: number): Readonly<Record<string, Printable>> {
  const epsilon = NORM_EPSILON.toExponential();
  return { channels, vector: vectorOf(channels), lanes: lanesOf(channels), threads: THREADS, epsilon };
}
