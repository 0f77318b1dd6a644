import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import type { Norm } from '../operation.js';
import { teamData, teamsOf } from './team.js';
import { THREADS, vectorOf } from './vector.js';

/** That every block may have without being asked for. */
const SHARED_BYTES = 48 << 10;
/** Pieces of planes that a thread has on their way, at least: fewer do not hide how long they take. */
const FETCHED = 3;

/** Fills templates/cuda/norm.cu.hbs, or norm_planes.cu.hbs. */
export function normText(op: Norm, symbol: string): string {
  const { channels, affine, gelu, planes } = op;
  const data = { symbol, ...teamData(channels), affine, ...geluData(gelu) };
  if (!planes) return render('cuda/norm.cu.hbs', data);
  return render('cuda/norm_planes.cu.hbs', {
    ...data,
    pixels: planes.pixels,
    side: vectorOf(planes.pixels),
    turns: turnsOf(op),
    fromPlanes: planes.of === 'input',
    holdsTile: tileBytes(channels, turnsOf(op)) <= SHARED_BYTES,
  });
}

export function normGrid(op: Norm, rows: number): Grid {
  return { blocks: Math.ceil(rows / (turnsOf(op) * teamsOf(op.channels))), threads: THREADS };
}

/** Rows of a team, of as many as a block's shared memory holds where they come by planes. */
function turnsOf({ channels, planes }: Norm): number {
  if (planes?.of !== 'input') return 1;
  const teams = teamsOf(channels);
  const side = vectorOf(planes.pixels);
  const fetched = (channels * teams) / side / THREADS;
  const most = (THREADS * side) / teams; // a thread has a piece of a plane, not half of one
  const wanted = Math.min(most, 2 ** Math.max(0, Math.ceil(Math.log2(FETCHED / fetched))));
  return tileBytes(channels, wanted) <= SHARED_BYTES ? wanted : 1;
}

function tileBytes(channels: number, turns: number): number {
  return channels * (turns * teamsOf(channels) + 1) * Float32Array.BYTES_PER_ELEMENT;
}
