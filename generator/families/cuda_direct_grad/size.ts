import type { Problem } from '../../problem.js';
import { multiplyAdds } from '../../program.js';
import { gradientCount, gradientsOf } from '../gradient_text.js';
import { INSTRUCTION_BYTES } from '../h100_model.js';
import type { DirectGradParams, DirectGradPlan, WalkedBody, WalkedPart } from './plan.js';

// What a plan's code takes: instructions, bytes and registers, all of them estimates.

/** Addresses, indices and tests of a thread. */
const OTHER_REGISTERS = 24;
/** What parts that follow one another add to them. */
const PART_REGISTERS = 10;
/** Values of dy that are on their way at a time, at least. */
const INPUTS = 4;

/** Registers a thread. @param taps distinct taps of the direction that has the most */
export function registers(problem: Problem, params: DirectGradParams, taps: number): number {
  const { ofInput, ofWeights } = gradientsOf(problem.op);
  const { length, vector } = params;
  const values = (ofWeights ? length + taps + 1 : 0) + (ofInput ? length : 0);
  // Weights that are read again for each tile are read at its start: the compiler has it so.
  const others = OTHER_REGISTERS + (problem.stride > 1 ? PART_REGISTERS : 0);
  return vector * (values + (ofInput ? taps : 0) + INPUTS) + others;
}

/** Of a warp, for a tile of a part: a load brings its test and its zero along, a pixel its own. */
export function tileInstructions(
  { params: { vector, shared }, gradients }: DirectGradPlan,
  { program, slots }: WalkedPart,
): number {
  const pixels = program.tile.outputs.length;
  const weights = gradients.ofInput && shared === 1 ? slots.length : 0;
  const each = vector * multiplyAdds(program) + 4 * pixels;
  return gradientCount(gradients) * each + 3 * program.loads.length + weights + START;
}

/** Instructions of a tile that are there whatever its length. */
const START = 40;

/** Instructions of a warp that a block has but once: weights, and sums on their way to the block's row. */
export function blockInstructions(plan: DirectGradPlan, { taps }: WalkedBody): number {
  const { params, gradients, threads, slots } = plan;
  const sums = params.vector * (taps.taps.length + 1) * (2 + 2 * Math.log2(32 / params.lanes));
  // Each warp adds up its share of the row.
  const row = (slots * params.lanes * params.vector * 3) / 32;
  const weights = gradients.ofInput ? 2 * taps.taps.length : 0;
  return weights + (gradients.ofWeights ? sums + row + (threads >> 5) + 100 : 0) + 60;
}

/** What the machine code of all bodies takes, in bytes. */
export function codeBytes(plan: DirectGradPlan): number {
  return plan.bodies.reduce((sum, body) => sum + bodyBytes(plan, body), 0);
}

export function bodyBytes(plan: DirectGradPlan, body: WalkedBody): number {
  const tiles = body.parts.reduce((sum, part) => sum + tileInstructions(plan, part), 0);
  return INSTRUCTION_BYTES * (tiles + blockInstructions(plan, body));
}
