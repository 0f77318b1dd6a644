import { type GradientPart, gradSize } from '../../gradient.js';
import type { Problem } from '../../problem.js';
import { latticeSize, multiplyAdds } from '../../program.js';
import { bandOrigins } from '../../slab.js';
import type { CpuTarget, Target } from '../../target.js';
import type { Params } from '../family.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { type GradBody, gradParams, gradPlan } from './plan.js';

// Costs count in vector multiply-adds, which a Zen 4 core starts one a cycle (0.27 ns). Fitted to backward's times on one,
// at 56x56, K=31, C=512, N=4, 16 lanes, one thread.

/** A vector of dy that is staged or one of x that is read, by `prefetch`, as it comes from memory, from L3 or from L2. */
const FETCHED = { nhwc: [26, 15, 6], nchw: [14, 10, 10] } as const;
/** A vector of dx, by `stream`. 0: its line is read before, and the lines that were fetched ahead are pushed out. */
const STORED = { nhwc: [45, 5], nchw: [10, 5] } as const;
/** Fetching vectors that lie side by side, by `depth`: two come cheaper than one at a time, four want more cache. */
const NEIGHBOURS: ReadonlyMap<number, number> = new Map([
  [2, 0.75],
  [4, 0.85],
]);
/** A load or store beside the multiply-adds, most of which hide behind them: tiles of 4 pixels against 8. */
const MOVED = 0.4;
/** More for a multiply-add where x, dx and the sums do not all have a register: tiles of 10 pixels against 8. */
const RELOADED = 0.2;
/** dy, and copies that the compiler makes. */
const OTHER_REGISTERS = 4;
/** Starting a tile. */
const TILE = 12;

/** Vector operations of one image, roughly. */
export function gradCost(problem: Problem, target: Target, params: Params): number {
  const { op, layout, height, width } = problem;
  const { ofInput, ofWeights } = gradientsOf(op);
  const plan = gradPlan(problem, gradParams(params));
  const { bandRows } = plan;
  const { prefetch, stream } = plan.params;
  const bands = Math.ceil(gradSize(problem).height / bandRows);
  const stored = ofInput ? STORED[layout][stream === 1 ? 1 : 0] : 0;
  const pixels = height * width;
  return plan.blocks.reduce((sum, { body, depth, lanes }) => {
    // Narrow blocks use a part of each memory line that they fetch.
    const lines = Math.max(1, 16 / (lanes * depth)) * (NEIGHBOURS.get(depth) ?? 1);
    const fetched = bands * stagedPixels(problem, body) + (ofWeights ? pixels : 0);
    const tiles = body.parts.reduce(
      (cost, part) => cost + partCost(part, bandRows, target as CpuTarget, op),
      0,
    );
    return (
      sum +
      depth * (bands * tiles + fetched * FETCHED[layout][prefetch as 0 | 1 | 2] * lines + pixels * stored)
    );
  }, 0);
}

/** The tiles of a part that a band has. */
function partCost({ program }: GradientPart, bandRows: number, target: CpuTarget, op: Problem['op']): number {
  const gradients = gradientsOf(op);
  const { loads, tile, origins } = program;
  const { length } = tile.outputs;
  const taps = program.taps.taps.length;
  const tiles = latticeSize(bandOrigins(program, bandRows)) * latticeSize(origins.x);
  const both = Number(gradients.ofInput) + Number(gradients.ofWeights);
  const moved = loads.length + both * length + (gradients.ofWeights ? 2 * taps : 0);
  const spilled = held(length, taps, gradients) + OTHER_REGISTERS > target.registers ? RELOADED : 0;
  return tiles * (multiplyAdds(program) * both * (1 + spilled) + MOVED * moved + TILE);
}

function held(length: number, taps: number, { ofInput, ofWeights }: Gradients): number {
  return (ofInput ? length : 0) + (ofWeights ? length + Math.min(length, taps) : 0);
}

/** Pixels of a slab that come from the plane; its zeros are written once. */
function stagedPixels(problem: Problem, { slab: { rows, pitch } }: GradBody): number {
  const { height, width } = gradSize(problem);
  return Math.min(rows, height) * Math.min(pitch, width);
}
