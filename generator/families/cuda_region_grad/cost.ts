import { floorBytes } from '../../problem.js';
import { beside, ISSUED, MEMORY_BYTES, MULTIPROCESSORS } from '../h100_model.js';
import { WARP } from '../multiprocessor.js';
import { SLAB } from './layout.js';
import { tileInstructions } from './phase.js';
import type { RegionGradPlan } from './plan.js';
import type { SlabKind } from './slab_kind.js';

// Beside what all families count. Numbers are fitted to some twenty schedules of stems that were measured on an H200.

/** Bytes out of the second-level cache that a multiprocessor gets in a cycle, and what a piece of a pixel costs it beyond its own. */
const CACHE_BYTES = 24;
const PIECE_BYTES = 32;
/** Instructions of a warp for a row of pixels that it copies. */
const ROW_INSTRUCTIONS = 40;
/** Cycles that a region costs beyond the slowest of its warps: barriers, and what is not there yet. */
const REGION_LATENCY = 1200;
/** Cycles from an instruction of a warp to its next, where seven share a scheduler. */
const TURN = 9;
/** How much slower warps are whose lines meet the same banks, and copies of pieces that lie across lines of their copy. */
const SHARED_BANKS = 1.25;
const ACROSS = 1.25;
/** Cycles from the last row of partial sums to the sums of all: a launch of its own. */
const SUM_LATENCY = 5000;

/** Cycles of a batch, roughly: what a region's copies, instructions and slowest warp take beside one another. */
export function regionGradCost(plan: RegionGradPlan): number {
  const { problem, params, kinds, slabs, regions, gradients } = plan;
  const groups = Math.ceil(problem.batch / params.images);
  const blocks = slabs.length * params.pieces * groups;
  const rounds = Math.ceil((Math.min(params.images, problem.batch) * regions) / params.pieces);
  const cycles = slabs.reduce((sum, kind) => sum + regionCycles(plan, kinds[kind]!), 0) / slabs.length;
  const waves = Math.ceil(blocks / MULTIPROCESSORS);
  const memory = floorBytes(problem) / MEMORY_BYTES / MULTIPROCESSORS;
  return beside(memory, waves * rounds * cycles) + (gradients.ofWeights ? SUM_LATENCY : 0);
}

function regionCycles({ problem, params, gradients }: RegionGradPlan, { phases, layout }: SlabKind): number {
  const { ofInput, ofWeights } = gradients;
  const both = ofInput && ofWeights ? 2 : 1;
  const pixels = params.rows * params.columns * problem.stride ** 2;
  const around = layout.met.y.size * layout.met.x.size;
  const fetched = around + (ofWeights ? pixels : 0);
  const piece = 4 * SLAB + PIECE_BYTES;
  const copies =
    ((fetched * (params.apart === 1 ? ACROSS : 1) + (ofInput ? pixels : 0)) * piece) / CACHE_BYTES;
  const rows = layout.met.y.size + params.rows * problem.stride * both;
  const tiles = phases.map(({ part, tasks, warps }) => {
    const instructions = tileInstructions(part.program, both);
    return { all: tasks * instructions, slowest: Math.ceil(tasks / warps) * instructions };
  });
  const issue = (tiles.reduce((sum, { all }) => sum + all, 0) + rows * ROW_INSTRUCTIONS) / ISSUED;
  const slowest =
    Math.max(...tiles.map((one) => one.slowest)) * TURN * (params.apart === 1 ? 1 : SHARED_BANKS);
  const fetch = params.producers > 0 ? 0 : (fetched * 4 * SLAB) / (16 * WARP);
  return REGION_LATENCY + beside(copies, issue, slowest + fetch);
}
