import type { Program } from '../program.js';
import { BANKS, WARP } from './multiprocessor.js';
import { FOUR, fourCount, isWholeRow } from './whole_row.js';

/** A tile, and how many of them a plane has along a line and across lines. */
export interface PlaneTiles {
  readonly program: Program;
  readonly along: number;
  readonly across: number;
}

/** How often shared memory is asked for the loads of a warp's tiles. @param planes that a block takes at a time */
export function tileWavefronts(tiles: PlaneTiles, planes: number): number {
  const { program } = tiles;
  if (!isWholeRow(program)) return program.loads.length * planeWavefronts(tiles, planes);
  return fourCount(program) * rowWavefronts(program.input.width);
}

/** Of a load of fours by lanes that have a row each: eight lanes are served at once, if their rows lie on different banks. */
function rowWavefronts(width: number): number {
  const served = BANKS / FOUR;
  const banks = new Set(Array.from({ length: served }, (_, row) => (row * (width / FOUR)) % served));
  return (WARP / served) * (served / banks.size);
}

/**
 * How often shared memory, where planes lie dense one behind the other, is asked for a load of the first warp: lanes on one of
 * its banks wait for one another.
 * @param planes that a block takes at a time
 */
function planeWavefronts({ program, along, across }: PlaneTiles, planes: number): number {
  const { tile, stride, input } = program;
  const { major, step } = tile;
  const banks = new Map<number, number>();
  for (let lane = 0; lane < Math.min(WARP, along * across); lane++) {
    // Tiles of a steep line come behind those of all planes.
    const [plane, y, x] =
      major === 'x'
        ? [0, Math.floor(lane / along) * step.y, (lane % along) * step.x]
        : [
            Math.floor(lane / across) % planes,
            Math.floor(lane / across / planes) * step.y,
            (lane % across) * step.x,
          ];
    const bank = (plane * input.height * input.width + (y * input.width + x) * stride) % BANKS;
    banks.set(bank, (banks.get(bank) ?? 0) + 1);
  }
  return Math.max(...banks.values());
}
