import type { Body } from '../chunk.js';
import { beside, ISSUED, MEMORY_BYTES, MULTIPROCESSORS, tileInstructions } from '../h100_model.js';
import { lineGroups, registersGiven, runOf, slabs } from '../ring.js';
import { type RingPlan, ringRegisters } from './plan.js';

/** Cycles from an instruction of a warp to its next, where others do not hold it up. An estimate. */
const PACE = 5.5;
/** Registers in which loads run ahead of their use, and cycles that a tile waits without them. Estimates. */
const SPARE = { registers: 16, cycles: 300 };
/** Cycles of a block before its first band is there. An estimate. */
const LATENCY = 3000;
/** Cycles of an image that warps wait for a band a row that it has, and for each band. Estimates. */
const BAND = { row: 20, band: 20 };
/**
 * What is left of the time that memory takes, where blocks that read parts of the same lines go in step: by their lag, which is none,
 * 1 or more. As measured at 45 degrees with seven bands (docs/gpu-kernels.md, "Rings in step").
 */
const IN_STEP = [1, 0.95, 0.93] as const;
/** The first instructions of a tile, and of a run: where it lies, and which bands it leaves and waits for. Estimates. */
const START = { tile: 20, run: 40 };

/**
 * Cycles of a batch, roughly. A multiprocessor's blocks share its traffic and its issue slots, and a warp has its tiles one
 * after the other; the longest of the three counts, and a little of the others. Blocks are few and long, so that the last
 * ones count whole.
 */
export function ringCost(plan: RingPlan): number {
  const { problem, params, ranges, bodies } = plan;
  const images = Math.min(params.images, problem.batch);
  const blocks = slabs(plan) * Math.ceil(problem.batch / images);
  const resident = Math.min(params.resident, Math.ceil(blocks / MULTIPROCESSORS));
  // Blocks of the slowest direction, which the wave waits for.
  const image = Math.max(...ranges.map(({ body }) => imageCycles(plan, bodies[body]!, resident)));
  const waves = Math.ceil(blocks / (MULTIPROCESSORS * resident));
  return waves * (resident * images * image + LATENCY);
}

/** Of one image of a block, its share of what `resident` of them do side by side. */
function imageCycles(plan: RingPlan, body: Body, resident: number): number {
  const { problem, params, bandRows, box } = plan;
  const { warps, bands, channels } = params;
  const share = IN_STEP[Math.min(params.lag, IN_STEP.length - 1)]!;
  const memory = (share * (box.bytes + 4 * problem.height * problem.width * channels)) / MEMORY_BYTES;
  const tiles = body.along * lineGroups(plan, body);
  const instructions = tileInstructions(body.program, {
    load: 1,
    start: START.tile + START.run / runOf(plan, body),
  });
  const pace = Math.max(PACE, (warps * resident) / ISSUED);
  const spare = Math.min(SPARE.registers, registersGiven(plan) - ringRegisters(plan));
  const waits = (SPARE.cycles * (SPARE.registers - spare)) / SPARE.registers;
  const alone = (tiles / warps) * (instructions * pace + waits) + BAND.row * bandRows + BAND.band * bands;
  return beside(memory, (tiles * instructions) / ISSUED, alone / resident);
}
