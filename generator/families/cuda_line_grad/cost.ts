import { memoizeEach } from '../../memo.js';
import { insideShare, type Program } from '../../program.js';
import type { LineBody } from '../gradient_chunk.js';
import { gradientCount } from '../gradient_text.js';
import { beside, DEPENDENT, ISSUED, MEMORY_BYTES, MULTIPROCESSORS } from '../h100_model.js';
import { BAND_LINES, type LineGradPlan, SLAB, slabs, stageBytes } from './plan.js';

/**
 * How much longer memory takes where blocks of an image do not go in step, and cycles of a band that they wait where they do: so that
 * schedules lie nearly as an H200 ordered them.
 */
const STEP = { without: 1.05, wait: 525 };
/** Cycles that a multiply-add takes of its scheduler, since registers are read from banks: less than counted (docs/gpu-backward.md), as by time. */
const MULTIPLY_ADD = 1.3;
/** Instructions of a tile and of a line beside those of loads and pixels. Counted. */
const START = { tile: 20, line: 40 };
/** Cycles of a block in which it computes nothing, as rings have it, and what each warp adds at 14x14, where warps more were slower. Estimates. */
const BLOCK = { latency: 4000, warp: 200 };

/** Cycles of a batch, roughly: its blocks share memory and issue slots, and are few and long, so that the last ones count whole. */
export function lineGradCost(plan: LineGradPlan): number {
  const { problem, params, ranges, bodies } = plan;
  const images = Math.min(params.images, problem.batch);
  const waves = Math.ceil((slabs(plan) * Math.ceil(problem.batch / images)) / MULTIPROCESSORS);
  const line = ranges.reduce(
    (sum, { from, to, body }) => sum + ((to - from) / problem.channels) * lineCycles(plan, bodies[body]!),
    0,
  );
  const start = stageBytes(plan) / MEMORY_BYTES + BLOCK.latency + BLOCK.warp * params.warps;
  return waves * (images * problem.height * line + start);
}

/** Of one line of a block. */
function lineCycles({ problem, params, gradients }: LineGradPlan, { part }: LineBody): number {
  const tensors = gradients.ofInput ? 3 : 2;
  const bytes = 4 * tensors * problem.width * SLAB;
  const memory = (bytes / MEMORY_BYTES) * (params.lag > 0 ? 1 : STEP.without);
  const { program, along } = part;
  const { loads, uses } = met(program);
  const issued =
    START.line +
    along *
      (MULTIPLY_ADD * gradientCount(gradients) * uses +
        loads +
        (tensors - 1) * program.tile.outputs.length +
        START.tile);
  const waits = params.lag > 0 ? STEP.wait / BAND_LINES : 0;
  return beside(memory, issued / ISSUED, (DEPENDENT * issued) / params.warps) + waits;
}

/** Loads of a tile that are inside, and their multiply-adds, on average over a line's tiles: a branch leaves out the others. */
const met = memoizeEach((program: Program) => {
  const shares = program.loads.map((load) => insideShare(program, load, program.tile.major));
  return {
    loads: shares.reduce((sum, share) => sum + share, 0),
    uses: shares.reduce((sum, share, i) => sum + share * program.loads[i]!.uses.length, 0),
  };
});
