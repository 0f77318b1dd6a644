import type { Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { multiprocessor } from '../multiprocessor.js';
import { boxOf, mostResident } from './plan.js';

const CHANNELS = [16, 32] as const;
/** Outputs a tile that are worth their registers and their loads. */
const LENGTHS = [14, 28, 7] as const;
/** Warps that a multiprocessor is to hold, all blocks together. */
const WARPS = [18, 16, 24, 28] as const;

/** As many blocks as shared memory holds, with as many warps as keep a multiprocessor busy together. */
export function stagedAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const side = Math.max(problem.height, problem.width);
  const tiles = LENGTHS.map((length) => Math.ceil(side / length));
  const machine = multiprocessor(target as CudaTarget);
  const resident = CHANNELS.map((channels) =>
    mostResident(machine, boxOf(problem, { channels, tiles: 1 })),
  ).filter((blocks) => blocks > 0);
  const warps = resident.flatMap((blocks) => WARPS.map((all) => Math.max(1, Math.floor(all / blocks))));
  return {
    channels: CHANNELS,
    tiles: [...new Set(tiles)],
    places: [0, 1],
    warps: [...new Set(warps)],
    resident: [...new Set(resident)],
  };
}
