import { floorBytes, type Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import type { Params } from '../family.js';
import type { TiledPart } from '../gradient_chunk.js';
import { gradientCount } from '../gradient_text.js';
import { guardedInstructions } from '../guarded_cost.js';
import {
  beside,
  CODE_FETCHED,
  DEPENDENT,
  INSTRUCTION_BYTES,
  ISSUED,
  MEMORY_BYTES,
  MULTIPROCESSORS,
} from '../h100_model.js';
import { likelyResident, multiprocessor, WARP } from '../multiprocessor.js';
import { tileWavefronts } from '../plane_wavefronts.js';
import {
  type BandGradient,
  type PackedGradPlan,
  packedGrad,
  packedGradBlockShared,
  packedGradPlan,
  packedGradRegisters,
  packedGradSteps,
  slotsOf,
} from './plan.js';

/** Cycles from a copy's start to its first byte, and from a block's end to the next one's start. An estimate. */
const LATENCY = 600;
/** Cycles that the sums of a block take over its warps, from one barrier to the next, and to memory. An estimate. */
const SUM_LATENCY = 600;
/** Instructions of a warp to halve one value of its sums: two selections, a shuffle, an addition. */
const HALVING = 4;
/** Code in bytes that stays cached while blocks of all bodies run side by side, as layers of one and of eight directions show. */
const CODE_WARM = 40 << 10;

/** Cycles of the launch that adds up partial sums, as batches of one group and of several show. */
const REDUCTION = 4000;

/**
 * Cycles of a batch, roughly. A step keeps a multiprocessor busy for as long as its copies or its tiles take; what its own
 * threads wait beside is hidden by other blocks, as far as there are some. When all are done, half of the last blocks run
 * alone; where all blocks run at a time there are no last ones.
 */
export function packedGradCost(problem: Problem, target: Target, params: Params): number {
  const plan = packedGradPlan(problem, packedGrad(params));
  const { depth } = plan.params;
  const images = Math.min(plan.params.images, problem.batch);
  const blocks = (problem.channels * Math.ceil(problem.batch / images)) / MULTIPROCESSORS;
  const room = residents(plan, target as CudaTarget);
  const atOnce = blocks <= room;
  const resident = Math.min(room, Math.ceil(blocks));
  const steps = packedGradSteps(plan, images);
  // Rows of dy that two bands read come from memory once.
  const bytes = (floorBytes(problem) / (problem.batch * problem.channels)) * images;
  const cycles = plan.bodies.map((body) => {
    const fetched = runningCode(plan, body, atOnce) > CODE_WARM ? codeBytes(plan, body) / CODE_FETCHED : 0;
    const issued = steps * tileCycles(plan, body) + sumCycles(plan);
    const latency = LATENCY * (plan.gradients.ofInput && plan.gradients.ofWeights ? 1.5 : 1);
    const waited = depth === 1 ? steps * latency : latency;
    const alone =
      waited + steps * (fetched + serial(plan, body)) + (plan.gradients.ofWeights ? SUM_LATENCY : 0);
    return beside(bytes / MEMORY_BYTES, issued) + alone / resident;
  });
  const mean = plan.ranges.reduce(
    (sum, { from, to, body }) => sum + (cycles[body]! * (to - from)) / problem.channels,
    0,
  );
  const reduced = plan.gradients.ofWeights && images < problem.batch ? REDUCTION : 0;
  if (!atOnce) return reduced + mean * (blocks + resident / 2);
  return reduced + Math.ceil(blocks) * Math.max(...cycles);
}

function residents(plan: PackedGradPlan, target: CudaTarget): number {
  const needs = { registers: packedGradRegisters(plan), shared: packedGradBlockShared(plan) };
  return likelyResident(multiprocessor(target), plan.params, needs);
}

/** Tiles that a thread of the step computes of a part, one after the other. */
function rounds({ params }: PackedGradPlan, { along, across }: TiledPart): number {
  return Math.ceil((along * across * params.planes) / params.threads);
}

function ofParts({ parts }: BandGradient, value: (part: TiledPart) => number): number {
  return parts.reduce((sum, part) => sum + value(part), 0);
}

/** Cycles of a warp that runs its tiles of a step alone. */
function serial(plan: PackedGradPlan, body: BandGradient): number {
  return ofParts(body, (part) => rounds(plan, part) * instructions(plan, part) * DEPENDENT);
}

/** Cycles of a step's tiles on a multiprocessor that is busy: what is issued, or what shared memory serves. */
function tileCycles(plan: PackedGradPlan, body: BandGradient): number {
  return ofParts(body, (part) => {
    const warps = (part.along * part.across * plan.params.planes) / WARP;
    const banks = tileWavefronts(part, plan.params.planes);
    return warps * Math.max(instructions(plan, part) / ISSUED, banks);
  });
}

/** Cycles that a block's sums take of a busy multiprocessor. */
function sumCycles(plan: PackedGradPlan): number {
  if (!plan.gradients.ofWeights) return 0;
  return (HALVING * slotsOf(plan) * plan.params.threads) / WARP / ISSUED;
}

/** Of a tile. */
function instructions({ params, gradients }: PackedGradPlan, { program }: TiledPart): number {
  return guardedInstructions(program, params.band !== 0, gradientCount(gradients));
}

function codeBytes(plan: PackedGradPlan, body: BandGradient): number {
  return INSTRUCTION_BYTES * ofParts(body, (part) => instructions(plan, part));
}

/** Code of the blocks that run at a time: of one direction, if these vary slowest and do not all run at once. */
function runningCode(plan: PackedGradPlan, body: BandGradient, atOnce: boolean): number {
  if (plan.params.order === 1 && !atOnce) return codeBytes(plan, body);
  return plan.bodies.reduce((sum, one) => sum + codeBytes(plan, one), 0);
}
