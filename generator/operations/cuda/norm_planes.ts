import { STATIC_SHARED } from '../../families/multiprocessor.js';
import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Norm } from '../operation.js';
import { teamData, teamsOf } from './team.js';
import { THREADS, vectorOf } from './vector.js';

/** A norm that turns its map over: one side of it is planes. */
export type NormOfPlanes = Norm & Required<Pick<Norm, 'planes'>>;

/** Pieces of planes that a thread has on their way, at least: fewer do not hide how long they take. */
const FETCHED = 3;

export function isOfPlanes(op: Norm): op is NormOfPlanes {
  return op.planes !== undefined;
}

/** Fills templates/cuda/norm_planes.cu.hbs. */
export function normPlanesText(op: NormOfPlanes, symbol: string): string {
  const { channels, affine, gelu, planes } = op;
  return render('cuda/norm_planes.cu.hbs', {
    symbol,
    ...teamData(channels),
    affine,
    ...geluData(gelu),
    pixels: planes.pixels,
    planeVector: vectorOf(planes.pixels),
    turns: turnsOf(op),
    fromPlanes: planes.of === 'input',
    holdsTile: tileBytes(channels, turnsOf(op)) <= STATIC_SHARED,
  });
}

export function normPlanesGrid(op: NormOfPlanes, rows: number): Grid {
  return { blocks: Math.ceil(rows / (turnsOf(op) * teamsOf(op.channels))), threads: THREADS };
}

/**
 * Rows that a team takes one after the other: where they come by planes, as many as give a thread {@link FETCHED} pieces, if a
 * block's shared memory holds them, else one.
 */
function turnsOf({ channels, planes }: NormOfPlanes): number {
  if (planes.of === 'output') return 1;
  const teams = teamsOf(channels);
  const vector = vectorOf(planes.pixels);
  const fetched = (channels * teams) / vector / THREADS;
  const most = (THREADS * vector) / teams; // no more pieces of a plane side by side than threads
  const wanted = Math.min(most, 2 ** Math.max(0, Math.ceil(Math.log2(FETCHED / fetched))));
  return tileBytes(channels, wanted) <= STATIC_SHARED ? wanted : 1;
}

function tileBytes(channels: number, turns: number): number {
  return channels * (turns * teamsOf(channels) + 1) * Float32Array.BYTES_PER_ELEMENT;
}
