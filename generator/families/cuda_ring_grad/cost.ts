import { memoizeEach } from '../../memo.js';
import { insideShare, multiplyAdds, type Program } from '../../program.js';
import { shearOf } from '../box_text.js';
import type { LineBody, TiledPart } from '../gradient_chunk.js';
import { gradientCount } from '../gradient_text.js';
import { beside, ISSUED, MULTIPROCESSORS } from '../h100_model.js';
import { lineGroups, readsParts, registersGiven, runOf, slabs } from '../ring.js';
import { innerGroups, linesRead } from '../ring_inner.js';
import { bringsInput, type RingGradPlan, ringGradRegisters } from './plan.js';

/** Bytes to or from memory that a multiprocessor moves in a cycle here, as a copy does: docs/gpu-backward.md. */
const COPY_BYTES = 11.5;
/**
 * Cycles from one instruction of a tile to its next while a multiprocessor has so many warps, and how they grow with the
 * number of warps: as blocks of 7, 15, 23 and 27 warps had it.
 */
const PACE = { warps: 16, cycles: 6.2, growth: 0.7 };
/**
 * Cycles that a scheduler waits for the x of a tile that is not loaded ahead: in whole lines of the second-level cache, as measured, and in
 * parts, by which wgrad of 56x56 lies as an H200 orders it (rank correlation 0.33 where 1500 had 0).
 */
const PIXEL_LATENCY = { lines: 1500, parts: 4000 };
/** Registers in which values of dy are loaded ahead of their use, and cycles that a tile waits without them. Estimates. */
const SPARE = { registers: 16, cycles: 500 };
/** Cycles of a block in which it computes nothing: its first box's latency, and its sums. As measured. */
const BLOCK_LATENCY = 4000;
/** Cycles of an image that warps wait for a band a row that it has, and for each band, if there is no later plane. Estimates. */
const BAND = { row: 20, band: 20 };
/** The first instructions for each gradient, of a tile and of a run. Counted at 56x56, and rounded up for what they wait. */
const START = { tile: 33, run: 42 };
/** Instructions that move and test a line which may be outside. As counted at 56x56. */
const LINE = 4;
/** How much longer tiles take whose code shares the caches of instructions with that of other directions. As measured. */
const MIXED_CODE = 1.03;
/** What a branch around a line's loads costs in instructions, and in backward of 16 channels, as measured. */
const SKIP = { usual: 4, narrow: 16 };
/**
 * How much longer memory takes for pieces of 64 bytes of pixels, and where x is brought near. By these, schedules of
 * 56x56 lay nearly as an H200 ordered them before tiles came in runs: rank correlation 0.76 in the mean of 16 layers, where one number for both had 0.20.
 */
const SHORT_PIECES = { alone: 1.3, near: 1.05 };
/** What is left of that where blocks go in step: wgrad 0 to 3 % less, backward 0.5 to 4 % (docs/gpu-backward.md). */
const IN_STEP = 0.98;

/**
 * Cycles of a batch, roughly. A multiprocessor's blocks share its traffic and its issue slots, and a warp has its tiles one
 * after the other; the longest of the three counts, and a little of the others. What a block starts and ends with is hidden
 * by others beside it alone. Blocks are few and long, so that the last ones count whole.
 */
export function ringGradCost(plan: RingGradPlan): number {
  const { problem, params, ranges, bodies } = plan;
  const images = Math.min(params.images, problem.batch);
  const blocks = slabs(plan) * Math.ceil(problem.batch / images);
  const resident = Math.min(params.resident, Math.ceil(blocks / MULTIPROCESSORS));
  const image = ranges.reduce(
    (sum, { from, to, body }) =>
      sum + ((to - from) / problem.channels) * imageCycles(plan, bodies[body]!, resident),
    0,
  );
  const start = (plan.box.bytes / COPY_BYTES + BLOCK_LATENCY) / resident;
  const waves = Math.ceil(blocks / (MULTIPROCESSORS * resident));
  return waves * resident * (images * image + start);
}

/** Of one image of a block, its share of what `resident` of them do side by side. */
function imageCycles(plan: RingGradPlan, body: LineBody, resident: number): number {
  const { problem, params, gradients, bandRows } = plan;
  const { warps, ahead, order, bands, depth, channels } = params;
  const tensors = gradients.ofInput ? 3 : 2;
  const memory = (shortness(plan) * 4 * tensors * problem.height * problem.width * channels) / COPY_BYTES;
  const tiles = body.part.along * lineGroups(plan, body.part);
  const code = order === 0 && plan.bodies.length > 1 ? MIXED_CODE : 1;
  const issued = instructions(plan, body) * code;
  const pace = PACE.cycles * ((warps * resident) / PACE.warps) ** PACE.growth;
  const latency = readsParts(params) ? PIXEL_LATENCY.parts : PIXEL_LATENCY.lines;
  const waits = (ahead === 1 ? 0 : (latency * ISSUED) / (warps * resident)) + crowding(plan);
  const waited = depth === 1 ? BAND.row * bandRows + BAND.band * bands : 0;
  const alone = (tiles / warps) * (issued * pace + waits) + waited;
  return beside(memory, (tiles * issued) / ISSUED, alone / resident);
}

/** How much longer than in whole lines memory takes. */
function shortness(plan: RingGradPlan): number {
  if (!readsParts(plan.params)) return 1;
  const share = plan.params.lag > 0 ? IN_STEP : 1;
  return share * (bringsInput(plan) ? SHORT_PIECES.near : SHORT_PIECES.alone);
}

/** Cycles that a tile waits since registers hold few values that are loaded ahead, which they are not across branches. */
function crowding(plan: RingGradPlan): number {
  if (plan.params.skip > 0) return 0;
  const spare = registersGiven(plan) - ringGradRegisters(plan);
  return (SPARE.cycles * Math.max(0, SPARE.registers - spare)) / SPARE.registers;
}

/** Of a tile: a load has no test of its own, but its line may have, and a pixel of x or dx has its test and its address. */
function instructions(plan: RingGradPlan, { taps, part }: LineBody): number {
  const { gradients, params } = plan;
  const { program } = part;
  const { outputs } = program.tile;
  const { ofInput } = gradients;
  const weights = ofInput && params.shared === 1 ? taps.taps.length : 0;
  const loads = params.skip > 0 ? met(program) : { uses: multiplyAdds(program), branches: 0 };
  return (
    gradientCount(gradients) *
      (loads.uses + 3 * outputs.length + START.tile + START.run / runOf(plan, part)) +
    LINE * testedLines(plan, part) +
    (ofInput && params.channels === 16 ? SKIP.narrow : SKIP.usual) * loads.branches +
    program.loads.length +
    weights
  );
}

/** Lines that a tile moves and tests, on average: those that it reads, unless its code is for tiles that need not. */
function testedLines(plan: RingGradPlan, part: TiledPart): number {
  const { first, last } = linesRead(part.program);
  const [all, inner] = [lineGroups(plan, part), innerGroups(plan, part)];
  if (inner === all) return 0;
  return (last - first + 1) * (plan.params.inner > 0 ? 1 - inner / all : 1);
}

/** Multiply-adds of loads whose line is inside, on average over a tile's lines, and lines that are asked for that. */
const met = memoizeEach((program: Program) => {
  const across = program.tile.major === 'x' ? 'y' : 'x';
  const uses = program.loads.reduce(
    (sum, load) => sum + load.uses.length * insideShare(program, load, across),
    0,
  );
  const shears = new Set(program.loads.map((load) => shearOf(program, load))).size;
  return { uses, branches: shears > 1 ? shears : 0 };
});
