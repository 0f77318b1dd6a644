import { type Body, meanOfChunks } from '../chunk.js';
import { batchCycles, beside, DEPENDENT, ISSUED, MEMORY_BYTES, tileInstructions } from '../h100_model.js';
import { BANKS, WARP } from '../multiprocessor.js';
import { BULK, type LanesPlan } from './plan.js';

/** Cycles from a block's start to its planes, and from its results to its end. An estimate. */
const LATENCY = 4000;
/** What of a block's own time shows although others run beside it. An estimate. */
const EXPOSED = 0.4;
/** Cycles of shared memory that a copy of a warp takes. */
const COPY = 8;

/**
 * Cycles of a batch, roughly. Blocks share their multiprocessor's traffic, issue slots and shared memory: the largest
 * counts, and a little of the others. A block by itself has to wait for its planes before it computes.
 */
export function lanesCost(plan: LanesPlan): number {
  const { problem, params, chunks, plane, outPlane } = plan;
  const { images, lanes, resident } = params;
  const blocks = chunks.length * Math.ceil(problem.batch / images);
  const mean = (cycles: (body: Body) => number) => meanOfChunks(chunks, cycles);
  const memory = (4 * images * lanes * (plane + outPlane)) / MEMORY_BYTES;
  const issue = mean((body) => rounds(plan, body) * params.warps * instructions(body)) / ISSUED;
  const shared =
    mean((body) => rounds(plan, body) * params.warps * accesses(plan, body)) + copies(plan) * COPY;
  const together = beside(memory, issue, shared);
  const alone = LATENCY + mean((body) => rounds(plan, body) * instructions(body) * DEPENDENT);
  return batchCycles(blocks, resident, { together, alone, exposed: EXPOSED });
}

/** Tiles that a lane computes one after the other. */
function rounds({ params, threads }: LanesPlan, { along, across }: Body): number {
  return Math.ceil((params.images * along * across) / (threads / params.lanes));
}

/** Of a tile: a load brings its test and its zero along. */
function instructions({ program }: Body): number {
  return tileInstructions(program, { load: 3, start: 40 });
}

/** Instructions that copy a block's planes in and out. */
function copies({ params, plane, outPlane }: LanesPlan): number {
  const { copy, images, lanes } = params;
  return copy === BULK ? 0 : (4 * images * lanes * (plane + outPlane)) / (copy * WARP);
}

/** Cycles of shared memory that a tile's loads and stores take: lanes whose planes start in one bank wait for one another. */
function accesses({ pitch, outPitch }: LanesPlan, { program }: Body): number {
  return program.loads.length * shareOfBank(pitch) + program.tile.outputs.length * shareOfBank(outPitch);
}

/** Lanes of a warp that meet in a bank: the largest power of two in the pitch, up to all banks. */
function shareOfBank(pitch: number): number {
  return Math.min(BANKS, pitch & -pitch);
}
