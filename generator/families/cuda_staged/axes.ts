import type { Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { dividesGroups } from '../box_rules.js';
import { type Multiprocessor, multiprocessor } from '../multiprocessor.js';
import { mostResident } from '../plane_box.js';
import { boxOf } from './plan.js';
import { teamOf } from './team.js';

/** Channels of a block whose pieces of a pixel the second-level cache answers as fast as memory; then narrower ones. */
const CHANNELS = { whole: [16, 32], wide: [24, 48], narrow: [12, 8] } as const;
/** Outputs a tile that are worth their registers and their loads. */
const LENGTHS = [14, 28, 7] as const;
/** Warps that a multiprocessor is to hold, all blocks together. */
const WARPS = [18, 16, 24, 28] as const;

/** As many blocks as shared memory holds, with as many warps as keep a multiprocessor busy together. */
export function stagedAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const side = Math.max(problem.height, problem.width);
  const tiles = LENGTHS.map((length) => Math.ceil(side / length));
  const machine = multiprocessor(target as CudaTarget);
  const slabs = slabsOf(problem, machine);
  const warps = slabs.flatMap(({ channels, blocks }) => {
    const team = teamOf(channels);
    return WARPS.map((all) => team * Math.max(1, Math.floor(all / blocks / team)));
  });
  return {
    channels: [...new Set([...CHANNELS.whole, ...slabs.map(({ channels }) => channels)])],
    tiles: [...new Set(tiles)],
    places: [0, 1],
    warps: [...new Set(warps)],
    resident: [...new Set(slabs.map(({ blocks }) => blocks))],
  };
}

interface Slab {
  readonly channels: number;
  /** That shared memory holds. */
  readonly blocks: number;
}

/** The widths worth trying: those of teams where groups are no multiples of 32 channels, narrow ones where nothing else goes. */
function slabsOf(problem: Problem, machine: Multiprocessor): readonly Slab[] {
  const divides = (width: number) => dividesGroups(problem, width);
  const fitting = (widths: readonly number[]) =>
    widths
      .map((channels) => ({ channels, blocks: residentOf(problem, machine, channels) }))
      .filter(({ blocks }) => blocks > 0);
  const whole = fitting(CHANNELS.whole);
  const wide = fitting(CHANNELS.wide.filter(divides));
  if (whole.some(({ channels }) => divides(channels))) return divides(32) ? whole : [...whole, ...wide];
  const others = wide.length > 0 ? wide : fitting(CHANNELS.narrow.filter(divides));
  // What is refused should be seen to be.
  return others.length > 0 ? others : whole;
}

function residentOf(problem: Problem, machine: Multiprocessor, channels: number): number {
  return mostResident(machine, boxOf(problem, { channels, tiles: 1 }).sharedBytes);
}
