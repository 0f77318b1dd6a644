import { type Body, meanOfChunks } from '../chunk.js';
import {
  batchCycles,
  beside,
  DEPENDENT,
  fetchCycles,
  INSTRUCTION_BYTES,
  ISSUED,
  MEMORY_BYTES,
  tileInstructions,
} from '../h100_model.js';
import { SECTOR } from '../multiprocessor.js';
import type { StagedPlan } from './plan.js';
import { teamLines, teamOf } from './team.js';

/** Bytes of a box that come in a cycle while others do not ask for theirs. An estimate. */
const BOX_BYTES = 64;
/** Its time for a pixel's piece, in that of 16 channels from memory; fitted to 8 channels at 1.25 (docs/gpu-kernels.md). */
const PIECE = { each: 0.25, sector: 0.375 };
/** Cycles from a block's start to its box's first byte. An estimate. */
const LATENCY = 1500;
/** What of a block's own time shows although others run beside it. An estimate. */
const EXPOSED = 0.1;

/**
 * Cycles of a batch, roughly. Blocks share their multiprocessor's traffic, zeros of boxes included, and its issue slots: the
 * larger of both counts, and a little of the other. A block by itself has to wait for its box, and for code that is not
 * there, before it computes.
 */
export function stagedCost(plan: StagedPlan): number {
  const { problem, params, chunks, box } = plan;
  const blocks = chunks.length * problem.batch;
  const mean = (cycles: (body: Body) => number) => meanOfChunks(chunks, cycles);
  const output = 4 * problem.height * problem.width * params.channels;
  const memory = ((box.bytes + output) * pieceFactor(params.channels)) / MEMORY_BYTES;
  const issue = mean((body) => (tasks(plan, body) * instructions(body)) / ISSUED);
  const alone = mean((body) => aloneCycles(plan, body));
  const together = beside(memory, issue);
  return batchCycles(blocks, params.resident, { together, alone, exposed: EXPOSED });
}

/** Of a block that has its multiprocessor to itself. */
function aloneCycles(plan: StagedPlan, body: Body): number {
  const { params, bodies, box } = plan;
  const code = bodies.reduce((sum, other) => sum + codeBytes(plan, other), 0);
  const fetched = fetchCycles(codeBytes(plan, body), code);
  const rounds = tasks(plan, body) / params.warps;
  const pace = Math.max(DEPENDENT, params.warps / ISSUED);
  return LATENCY + box.bytes / BOX_BYTES + fetched + rounds * instructions(body) * pace;
}

/**
 * What bytes take where a pixel's channels are few, or end within a sector of 32 bytes: the second-level cache answers a
 * piece and its sectors, while memory has the rest of them for a neighbouring block.
 */
function pieceFactor(channels: number): number {
  const sectors = Math.ceil((4 * channels) / SECTOR);
  return Math.max(1, (PIECE.each + PIECE.sector * sectors) / (channels / 16));
}

/** Tiles of a block's warps: those of neighbouring lines are one, which as many warps as are in a team compute. */
function tasks({ params: { channels } }: StagedPlan, { along, across }: Body): number {
  return teamOf(channels) * along * Math.ceil(across / teamLines(channels));
}

/** Of a tile: loads have no tests of their own, since whole groups of them are there or not. */
function instructions({ program }: Body): number {
  return tileInstructions(program, { load: 1, start: 40 });
}

function codeBytes({ params }: StagedPlan, body: Body): number {
  return INSTRUCTION_BYTES * instructions(body) * (params.places === 1 ? body.along : 1);
}
