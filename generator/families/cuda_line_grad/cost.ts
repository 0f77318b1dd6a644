import { memoizeEach } from '../../memo.js';
import { insideShare, type Program } from '../../program.js';
import { gradientCount } from '../gradient_text.js';
import type { LineBody } from '../gradient_tile_text.js';
import { beside, DEPENDENT, ISSUED, MEMORY_BYTES, MULTIPROCESSORS } from '../h100_model.js';
import { type LineGradPlan, PACE, SLAB, slabs, stageBytes } from './plan.js';

/** How much longer memory takes where blocks of an image do not go in step, and cycles that they wait a band where they do: as an H200 orders schedules. */
const STEP = { without: 1.05, wait: 525 };
/** Cycles that a multiply-add takes of its scheduler, for the banks of registers that it reads: docs/gpu-backward.md. */
const MULTIPLY_ADD = 1.3;
/** Instructions of a tile and of a line beside those of loads and pixels. Counted. */
const START = { tile: 20, line: 40 };
/** Cycles of a block in which it computes nothing: its first line's latency, and for each warp its sums. As rings have it; an estimate. */
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
  const issued =
    START.line +
    along *
      (MULTIPLY_ADD * gradientCount(gradients) * usesInside(program) +
        program.loads.length +
        (tensors - 1) * program.tile.outputs.length +
        START.tile);
  const waits = params.lag > 0 ? STEP.wait / PACE : 0;
  return beside(memory, issued / ISSUED, (DEPENDENT * issued) / params.warps) + waits;
}

/** Multiply-adds of a tile's loads that are inside, on average over a line's tiles: the others are not in its way. */
const usesInside = memoizeEach((program: Program): number =>
  program.loads.reduce(
    (sum, load) => sum + load.uses.length * insideShare(program, load, program.tile.major),
    0,
  ),
);
