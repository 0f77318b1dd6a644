import { groups } from '../../group.js';
import type { Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import { dividesGroups } from '../box_rules.js';
import { type Multiprocessor, multiprocessor, registersAThread, WARP } from '../multiprocessor.js';
import { bandCounts, distinct, imageCount, lags, ringsHeld } from '../ring_axes.js';
import { OTHER_REGISTERS, STRAIGHT } from './plan.js';

const CHANNELS = [32, 16] as const;
/** Pixels a tile that are worth their registers and their loads. */
const LENGTHS = [7, 14] as const;
/** Of straight tiles: whole lines, where registers hold them. */
const STRAIGHT_LENGTHS = [28] as const;
/** Warps of a multiprocessor, all blocks and producers together: registers come in steps of four of them. */
const WARPS = [12, 16, 20, 24, 28] as const;
/**
 * Registers that the compiler makes use of beyond what is needed, for values of dy that it loads ahead: of several directions, and of
 * one, where 12 warps of more of them took 3 to 4 % less than 16 (docs/gpu-backward.md, "Runs").
 */
const SPARE_REGISTERS = { several: 20, one: 40 };
const PRODUCERS = [0, 1] as const;
const IMAGES = [16, 8, 4, 2, 1] as const;
/** As {@link marginOf} has it: beside a plane of 56x56 and 16 channels memory has room for zeros of three rows above and below. */
const INNER = [4, 3, 1, 0] as const;
/** Tiles of a line that a warp computes one after another: docs/gpu-backward.md, "Runs". */
const RUNS = [4, 2, 1] as const;
/** Tiles take so long that a lag of 1 does not make blocks wait. */
const LAGS = [2, 1] as const;
/** Rows of dy a band, and bands at most: a box should be long, and a plane have a few. */
const BAND_ROWS = [14, 8, 7] as const;
const MOST_BANDS = 8;
/** Planes of a block: where there are two, one is computed while the other is on its way. */
const DEPTHS = [1, 2] as const;
/** Blocks a multiprocessor beyond which none has a warp that only fetches. */
const MANY = 4;
/** Kernels of fewer taps have little code, and little that registers must hold. */
const LONG = 13;

/** As many blocks as shared memory holds, with as many warps as keep a multiprocessor busy together. */
export function ringGradAxes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>> {
  const { op, height, width, kernel } = problem;
  const both = op === 'backward';
  const long = kernel >= LONG;
  const one = groups(problem).length === 1;
  const side = Math.max(height, width);
  const machine = multiprocessor(target as CudaTarget);
  const rings = ringsOf(problem, machine, channelsOf(problem, machine));
  const widths = distinct(rings.map((ring) => ring.channels));
  const resident = distinct(rings.map((ring) => ring.resident));
  const deep = rings.some(({ depth }) => depth > 1);
  // Where there are two planes, or many blocks, others go on while one waits for a band.
  const producers = long && !deep && Math.max(...resident) <= MANY ? PRODUCERS : PRODUCERS.slice(0, 1);
  const warps = resident.flatMap((blocks) =>
    warpCounts(problem, one).flatMap((all) =>
      producers.map((producer) => Math.max(1, Math.floor(all / blocks) - producer)),
    ),
  );
  return {
    channels: widths,
    tiles: distinct(
      [...LENGTHS, ...(long ? STRAIGHT_LENGTHS : [])].map((length) => Math.ceil(side / length)),
    ),
    warps: distinct(warps),
    resident,
    images: distinct(rings.map((ring) => imageCount(problem, IMAGES, ring))),
    bands: distinct([...(deep ? [1] : []), ...bandCounts(problem, BAND_ROWS, MOST_BANDS)]),
    depth: distinct(rings.map((ring) => ring.depth)),
    shared: both && long ? [0, 1] : [0],
    ahead: long ? [1, 0] : [1],
    skip: long ? [1, 0, STRAIGHT] : [0],
    // Code of wgrad is half as long, and neither order was faster.
    order: long && !one ? (both ? [1, 0] : [1]) : [0],
    producer: producers,
    lag: producers.includes(1) ? lags(problem, widths, LAGS) : [0],
    run: one ? RUNS : [1],
    // A code of its own is for tiles that move many lines; code of several directions is too long to be there twice.
    inner: both && long && one ? INNER : [0],
  };
}

/** As many as there may be: more are longer pieces of pixels. */
function channelsOf(problem: Problem, machine: Multiprocessor): number {
  const fits = (channels: number) => ringsHeld(problem, machine, channels) > 0;
  return CHANNELS.find((channels) => dividesGroups(problem, channels) && fits(channels)) ?? CHANNELS.at(-1)!;
}

interface RingCount {
  readonly channels: number;
  readonly depth: number;
  /** Blocks a multiprocessor. */
  readonly resident: number;
}

/** As many blocks as there is room for; of several also the fewest that leave none idle, of more warps each. */
function ringsOf(problem: Problem, machine: Multiprocessor, channels: number): readonly RingCount[] {
  const depths = problem.kernel >= LONG ? DEPTHS : DEPTHS.slice(0, 1);
  return depths.flatMap((depth) => {
    const most = ringsHeld(problem, machine, channels, depth);
    const counts = problem.kernel >= LONG ? distinct([most, Math.floor(most / 2) + 1]) : [most];
    return most === 0 ? [] : counts.map((resident) => ({ channels, depth, resident }));
  });
}

/** Those that leave no more registers than the compiler makes use of, if any warp more is to be had for them. */
function warpCounts({ op, kernel }: Problem, one: boolean): readonly number[] {
  const spare = one ? SPARE_REGISTERS.one : SPARE_REGISTERS.several;
  const pixels = (op === 'backward' ? 3 : 2) * Math.max(...LENGTHS);
  const useful = kernel + 1 + pixels + OTHER_REGISTERS + spare;
  const busy = WARPS.filter((warps) => registersAThread(WARP * (warps + 4), 1) < useful);
  return busy.length > 0 ? busy : WARPS.slice(-1);
}
