import { floorBytes } from '../../problem.js';
import { beside, ISSUED, MEMORY_BYTES, MULTIPROCESSORS } from '../h100_model.js';
import { SLAB } from './layout.js';
import { phaseInstructions, tileInstructions } from './phase.js';
import type { RegionGradPlan } from './plan.js';
import type { SlabKind } from './slab_kind.js';
import { BESIDE } from './split.js';

// Beside what all families count. Numbers are fitted to 260 schedules of stems with lines of 31 that were measured on an H200: they are
// within 7 % (root mean square), and order those of a layer by 0.02 to 0.76 (rank correlation).

/** Bytes out of the second-level cache that a multiprocessor gets in a cycle, and what a piece of a pixel costs it beyond its own. */
const CACHE_BYTES = 35;
const PIECE_BYTES = 18;
/** Cycles that a region costs beyond the slowest of its warps: barriers, and what is not there yet. */
const REGION_LATENCY = 200;
/**
 * Cycles from an instruction of a warp to its next, where so many share a multiprocessor; of fewer warps it is less. The number of grouped
 * phases is no smaller, although they are faster: their slowest warp, which it multiplies, has more to do where schedulers come first.
 */
const TURN = { 0: 5.4, 1: 7 } as const;
const MANY_WARPS = 28;
/** How much slower warps are whose tiles meet the same banks. */
const SHARED_BANKS = 1.18;
/** Cycles of a warp for a copy: of one that computes, and of one that only copies where x cannot come before dx has left. */
const OWN_COPY = 87;
const WAITING_COPY = 175;
/** How much longer memory takes where blocks go as they come, and where they go in step. */
const DRIFT = { 0: 1.1, 1: 1, 2: 1 } as const;
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
  const memory = (DRIFT[params.step] * floorBytes(problem)) / MEMORY_BYTES / MULTIPROCESSORS;
  return beside(memory, waves * rounds * cycles) + (gradients.ofWeights ? SUM_LATENCY : 0);
}

function regionCycles({ problem, params, gradients }: RegionGradPlan, { phases, layout }: SlabKind): number {
  const { ofInput, ofWeights } = gradients;
  const pixels = params.rows * params.columns * problem.stride ** 2;
  const around = layout.met.y.size * layout.met.x.size;
  const fetched = around + (ofWeights ? pixels : 0);
  const put = ofInput ? pixels : 0;
  const cached = ((fetched + put) * (4 * SLAB + PIECE_BYTES)) / CACHE_BYTES;
  const tiles = phases.map(({ part, tasks }) => tasks * tileInstructions(part.program, gradients));
  const issue = tiles.reduce((sum, one) => sum + one, 0) / ISSUED;
  const slowest =
    (Math.max(...phases.map((phase) => phaseInstructions(phase, gradients))) *
      TURN[params.grouped] *
      params.warps *
      (params.apart === 1 ? 1 : SHARED_BANKS)) /
    MANY_WARPS;
  const copies = (fetched + put) / BESIDE;
  if (params.producers === 0)
    return REGION_LATENCY + beside(cached, issue, slowest + (copies / params.warps) * OWN_COPY);
  const waiting = ofInput && ofWeights ? (copies / params.producers) * WAITING_COPY : 0;
  return REGION_LATENCY + beside(cached, issue, slowest, waiting);
}
