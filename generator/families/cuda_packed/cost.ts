import { outputSize, type Problem } from '../../problem.js';
import type { CudaTarget, Target } from '../../target.js';
import type { Params } from '../family.js';
import { guardedInstructions } from '../guarded_cost.js';
import {
  DEPENDENT,
  fetchCycles,
  INSTRUCTION_BYTES,
  ISSUED,
  MEMORY_BYTES,
  MULTIPROCESSORS,
} from '../h100_model.js';
import { likelyResident, multiprocessor, WARP } from '../multiprocessor.js';
import { tileWavefronts } from '../plane_wavefronts.js';
import { type BandBody, type PackedPlan, packed, packedPlan, packedRegisters, packedShared } from './plan.js';

/** Cycles from a copy's start to its first byte, and from a block's end to the next one's start. An estimate. */
const LATENCY = 600;

/**
 * Cycles of a batch, roughly. A step keeps a multiprocessor busy for as long as its copies or its tiles take, whichever
 * is longer; what its own threads wait beside is hidden by other blocks, as far as there are some. When all are done,
 * half of the last blocks run alone.
 */
export function packedCost(problem: Problem, target: Target, params: Params): number {
  const plan = packedPlan(problem, packed(params));
  const { planes, images } = plan.params;
  const resident = residents(plan, target as CudaTarget);
  const out = outputSize(problem);
  // Rows that two bands read come from memory once.
  const plane = (4 * (problem.height * problem.width + out.height * out.width)) / plan.bands;
  const copies = (planes * plane) / MEMORY_BYTES;
  const code = plan.bodies.reduce((sum, body) => sum + codeBytes(plan, body), 0);
  const step = plan.ranges.reduce((sum, { from, to, body: i }) => {
    const body = plan.bodies[i]!;
    const fetched = fetchCycles(codeBytes(plan, body), code);
    const alone = LATENCY + fetched + rounds(plan, body) * instructions(plan, body) * DEPENDENT;
    return (
      sum + (Math.max(copies, tileCycles(plan, body)) + alone / resident) * ((to - from) / problem.channels)
    );
  }, 0);
  const steps = (images / planes) * plan.bands;
  const blocks = (problem.channels * Math.ceil(problem.batch / images)) / MULTIPROCESSORS;
  return steps * step * (blocks + Math.min(blocks, resident) / 2);
}

function residents(plan: PackedPlan, target: CudaTarget): number {
  const needs = { registers: packedRegisters(plan), shared: packedShared(plan) };
  return likelyResident(multiprocessor(target), plan.params, needs);
}

/** Tiles that a thread of the step computes, one after the other. */
function rounds({ params }: PackedPlan, { along, across }: BandBody): number {
  return Math.ceil((along * across * params.planes) / params.threads);
}

/** Cycles of a step's tiles on a multiprocessor that is busy: what is issued, or what shared memory serves. */
function tileCycles(plan: PackedPlan, body: BandBody): number {
  const warps = (rounds(plan, body) * plan.params.threads) / WARP;
  const banks = tileWavefronts(body, plan.params.planes);
  return warps * Math.max(instructions(plan, body) / ISSUED, banks);
}

/** Of a tile. */
function instructions({ params }: PackedPlan, { program }: BandBody): number {
  return guardedInstructions(program, params.band !== 0);
}

function codeBytes(plan: PackedPlan, body: BandBody): number {
  return INSTRUCTION_BYTES * instructions(plan, body);
}
