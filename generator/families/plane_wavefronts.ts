import type { Program } from '../program.js';
import { BANKS, WARP } from './multiprocessor.js';

/** A tile, and how many of them a plane has along a line and across lines. */
export interface PlaneTiles {
  readonly program: Program;
  readonly along: number;
  readonly across: number;
}

/**
 * How often shared memory, where planes lie dense one behind the other, is asked for a load of the first warp: lanes on one of
 * its banks wait for one another.
 * @param planes that a block takes at a time
 */
export function planeWavefronts({ program, along, across }: PlaneTiles, planes: number): number {
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
