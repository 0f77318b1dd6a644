import { groups } from '../../group.js';
import type { Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { MULTIPROCESSORS } from '../h100_model.js';
import { multiprocessor, registersAThread, WARP } from '../multiprocessor.js';
import { mostResident, planeBox } from '../plane_box.js';
import { bandCounts, distinct } from '../ring_axes.js';
import { OTHER_REGISTERS } from './plan.js';

const CHANNELS = [16, 32] as const;
/** Pixels a tile that are worth their registers and their loads. */
const LENGTHS = [7, 14] as const;
/** Warps of a multiprocessor, all blocks and producers together: registers come in steps of four of them. */
const WARPS = [16, 20, 24, 28] as const;
/** Registers that the compiler makes use of beyond what is needed, for values of dy that it loads ahead. */
const SPARE_REGISTERS = 20;
const PRODUCERS = [0, 1] as const;
const IMAGES = [16, 8, 4, 2, 1] as const;
/** Rows of dy a band, and bands at most: a box should be long, and a plane have a few. */
const BAND_ROWS = [14, 8, 7] as const;
const MOST_BANDS = 8;
/** Blocks a multiprocessor beyond which fewer and larger ones are tried as well. */
const MANY = 4;
/** Kernels of fewer taps have little code, and little that registers must hold. */
const LONG = 13;

/** As many blocks as shared memory holds, with as many warps as keep a multiprocessor busy together. */
export function ringGradAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const { op, height, width, kernel } = problem;
  const both = op === 'backward';
  const long = kernel >= LONG;
  const side = Math.max(height, width);
  const machine = multiprocessor(target as CudaTarget);
  const rings = CHANNELS.map((channels) => mostResident(machine, planeBox(problem, channels, 1).bytes));
  const resident = distinct(long ? rings.flatMap(residentCounts) : rings).filter((blocks) => blocks > 0);
  const warps = resident.flatMap((blocks) =>
    warpCounts(problem).flatMap((all) =>
      PRODUCERS.map((producer) => Math.max(1, Math.floor(all / blocks) - producer)),
    ),
  );
  return {
    channels: CHANNELS,
    tiles: distinct(LENGTHS.map((length) => Math.ceil(side / length))),
    warps: distinct(warps),
    resident,
    images: imageCounts(
      problem,
      CHANNELS[rings.findLastIndex((blocks) => blocks > 0)] ?? CHANNELS[0],
      Math.min(...resident),
    ),
    bands: bandCounts(height, BAND_ROWS, MOST_BANDS),
    shared: both && long ? [0, 1] : [0],
    ahead: both || !long ? [1] : [1, 0],
    // Code of wgrad is half as long, and neither order was faster.
    order: long && groups(problem).length > 1 ? (both ? [1, 0] : [1]) : [0],
    // Of many blocks others go on while one waits for a band.
    producer: long && Math.max(...resident) <= MANY ? PRODUCERS : [0],
  };
}

/** As many as there is room for; of many also the fewest that leave none idle, of more warps each. */
function residentCounts(most: number): readonly number[] {
  return most > MANY ? [most, Math.floor(most / 2) + 1] : [most];
}

/** Those that leave no more registers than the compiler makes use of, if any warp more is to be had for them. */
function warpCounts({ op, kernel }: Problem): readonly number[] {
  const pixels = (op === 'backward' ? 3 : 2) * Math.max(...LENGTHS);
  const useful = kernel + 1 + pixels + OTHER_REGISTERS + SPARE_REGISTERS;
  const busy = WARPS.filter((warps) => registersAThread(WARP * (warps + 4), 1) < useful);
  return busy.length > 0 ? busy : WARPS.slice(-1);
}

/** The two largest that leave every multiprocessor as many blocks of so many channels, or nearly so. */
function imageCounts({ batch, channels }: Problem, slab: number, resident: number): readonly number[] {
  const blocks = (images: number) => (channels / slab) * Math.ceil(batch / images);
  const filling = IMAGES.filter((images) => blocks(images) >= 0.9 * MULTIPROCESSORS * resident);
  return filling.length > 0 ? filling.slice(0, 2) : [2, 1];
}
