import { floorBytes } from '../../problem.js';
import { gradientCount } from '../gradient_text.js';
import { beside, ISSUED, MEMORY_BYTES, MULTIPROCESSORS } from '../h100_model.js';
import { WARP } from '../multiprocessor.js';
import { SLAB } from './layout.js';
import { phaseInstructions, tileInstructions } from './phase.js';
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
/** Cycles from an instruction of a warp to its next, where so many share a multiprocessor; of fewer it is less. */
const TURN = 9;
const MANY_WARPS = 28;
/** How much slower warps are whose lines meet the same banks, and copies of pieces that lie across lines of their copy. */
const SHARED_BANKS = 1.25;
const ACROSS = 1.25;
/** Cycles from the last row of partial sums to the sums of all: a launch of its own. */
const SUM_LATENCY = 5000;

/** Cycles of a batch, roughly: what a region's copies, instructions and slowest warp take beside one another. */
export function regionGradCost(plan: RegionGradPlan): number {
  const { problem, params, kinds, kindOfSlab, regions, gradients } = plan;
  const groups = Math.ceil(problem.batch / params.images);
  const blocks = kindOfSlab.length * params.pieces * groups;
  const rounds = Math.ceil((Math.min(params.images, problem.batch) * regions) / params.pieces);
  const all = kindOfSlab.map((kind) => regionCycles(plan, kinds[kind]!));
  const cycles = all.reduce((sum, one) => sum + one, 0) / all.length;
  const waves = Math.ceil(blocks / MULTIPROCESSORS);
  const memory = floorBytes(problem) / MEMORY_BYTES / MULTIPROCESSORS;
  return beside(memory, waves * rounds * cycles) + (gradients.ofWeights ? SUM_LATENCY : 0);
}

function regionCycles({ problem, params, gradients }: RegionGradPlan, { phases, layout }: SlabKind): number {
  const { ofInput, ofWeights } = gradients;
  const pixels = params.rows * params.columns * problem.stride ** 2;
  const around = layout.met.y.size * layout.met.x.size;
  const fetched = around + (ofWeights ? pixels : 0);
  const piece = 4 * SLAB + PIECE_BYTES;
  const copies =
    ((fetched * (params.apart === 1 ? ACROSS : 1) + (ofInput ? pixels : 0)) * piece) / CACHE_BYTES;
  const rows = layout.met.y.size + params.rows * problem.stride * gradientCount(gradients);
  const tiles = phases.map(({ part, tasks }) => tasks * tileInstructions(part.program, gradients));
  const issue = (tiles.reduce((sum, one) => sum + one, 0) + rows * ROW_INSTRUCTIONS) / ISSUED;
  const turn = (TURN * params.warps) / MANY_WARPS;
  const slowest =
    Math.max(...phases.map((phase) => phaseInstructions(phase, gradients))) *
    turn *
    (params.apart === 1 ? 1 : SHARED_BANKS);
  // Bytes that are fetched by those that a warp copies at a time, each of its lanes 16.
  const fetch = params.producers > 0 ? 0 : (fetched * 4 * SLAB) / (16 * WARP);
  return REGION_LATENCY + beside(copies, issue, slowest + fetch);
}
