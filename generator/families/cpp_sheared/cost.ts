import { outputSize, type Problem } from '../../problem.js';
import { latticeSize, multiplyAdds, type Program } from '../../program.js';
import { bandOrigins, type Slab } from '../../slab.js';
import type { CpuTarget, Target } from '../../target.js';
import type { Params } from '../family.js';
import { rolling, type ShearedParams, sheared, shearedPlan } from './plan.js';

// Costs count in vector multiply-adds, which a Zen 4 core starts one a cycle (0.28 ns). Measured on one, at 56x56, K=31,
// C=512, N=4, 16 lanes, 2 vectors deep, one thread, as a kernel's time less that of the same kernel without the part.

/**
 * Staging a vector, by `prefetch`. 0: it comes from memory (6 ns). 1: mostly from L3 (2.3 to 2.9 ns), since pixels that
 * lie 2 KiB apart share few sets of L2. 2: from L2 (2.2 ns), to which a band's share of them does fit.
 */
const STAGED = [22, 9, 7] as const;
/**
 * Storing a vector, by `stream`. 0: its line is read before (5 to 8 ns). 1: 1.4 ns; later loads whose address agrees with
 * that of a store under way in its low 12 bits wait for it.
 */
const STORED = [20, 5] as const;
/** Staging vectors that lie side by side, by `depth`: two come cheaper than one at a time, four want more cache. */
const NEIGHBOURS: ReadonlyMap<number, number> = new Map([
  [2, 0.75],
  [4, 0.85],
]);
/** More for a multiply-add whose weight is read at each use: tiles of 28 outputs against 8, at 22.5 degrees. */
const RELOADED = 0.15;
/** Inputs on their way, and copies that the compiler makes: tiles of 12 outputs and 12 weights are no faster than shorter ones. */
const OTHER_REGISTERS = 9;
/** Starting a tile, and testing an output. Fitted: 4 outputs a tile cost 0.3 (90 degrees) to 1.4 ms (67.5) more than 8. */
const TILE = 8;
const OUTPUT = 3;

/** Vector operations of one image, roughly: multiply-adds (those that are thrown away too), loads, stores and staging. */
export function shearedCost(problem: Problem, target: Target, params: Params): number {
  const plan = shearedPlan(problem, sheared(params));
  const bands = Math.ceil(outputSize(problem).height / plan.bandRows);
  const stored = problem.layout === 'nhwc' ? STORED[plan.params.stream === 1 ? 1 : 0] : 0;
  return plan.blocks.reduce((sum, { body, depth, lanes }) => {
    const { program, slab } = body;
    const tiles = latticeSize(bandOrigins(program, plan.bandRows)) * latticeSize(program.origins.x);
    // Narrow blocks use a part of each memory line that they fetch.
    const lines = Math.max(1, 16 / (lanes * depth)) * (NEIGHBOURS.get(depth) ?? 1);
    const staging = stagedPixels(program, slab) * stagedCost(plan.params) * lines;
    const stores = program.output.height * program.output.width * stored;
    return sum + depth * (bands * (tiles * tileCost(program, target as CpuTarget) + staging) + stores);
  }, 0);
}

function tileCost(program: Program, { registers }: CpuTarget): number {
  const { length } = program.tile.outputs;
  // Weights that find no register are read from memory at each use.
  const live = Math.min(length, program.taps.taps.length) + length + OTHER_REGISTERS;
  const reloads = live > registers ? RELOADED * multiplyAdds(program) : 0;
  return multiplyAdds(program) + program.loads.length + OUTPUT * length + reloads + TILE;
}

function stagedCost(params: ShearedParams): number {
  return rolling(params) ? STAGED[2] : STAGED[params.prefetch === 1 ? 1 : 0];
}

/** Pixels of a slab that come from the plane; its zeros are written once. */
function stagedPixels({ input }: Program, { rows, pitch }: Slab): number {
  return Math.min(rows, input.height) * Math.min(pitch, input.width);
}
