import { memoize } from '../../memo.js';
import { floorBytes } from '../../problem.js';
import type { Program } from '../../program.js';
import { tapSetKey } from '../../taps.js';
import { widestGroup } from '../chunk.js';
import { beside, CODE_FETCHED, ISSUED, MEMORY_BYTES, MULTIPROCESSORS } from '../h100_model.js';
import { CACHE_LINE, registersAThread, WARP } from '../multiprocessor.js';
import { type DirectGradPlan, linesAStep, rowFloats, type WalkedBody, type WalkedPart } from './plan.js';
import { blockInstructions, bodyBytes, codeBytes, registers, tileInstructions } from './size.js';

// Beside what all families count. Numbers are fitted to the schedules that were measured on an H100.

/** Bytes out of the second-level cache that a multiprocessor gets in a cycle. */
const CACHE_BYTES = 24;
/** What a piece of a pixel costs the second-level cache beyond its own bytes. */
const PIECE_BYTES = 32;
/** What the first-level cache holds, in bytes. */
const FIRST_CACHE = 160 << 10;
/** Cycles from a load to its value while others load, too. */
const LATENCY = 800;
/** Cycles that a block adds up and writes its row, in which it loads nothing, and the share that shows beside others. */
const END_LATENCY = 2500;
const END_EXPOSED = 0.4;
/** Cycles from the last row to the sums of all rows: a launch of its own. */
const SUM_LATENCY = 5000;
/** Registers that the compiler gets by without, of those that rules ask for. */
const SPARE_REGISTERS = 16;
/** Code that the caches of instructions hold, in bytes. */
const CODE_CACHED = 24 << 10;
/** The share of fetching code that nothing hides. */
const CODE_EXPOSED = 0.6;
/**
 * What shorter pieces of memory cost where directions vary slowest, at the best, and for each line of memory more that is
 * read for the same bytes: pieces of 32 bytes took 2.6 times as long.
 */
const SHORT_PIECES = 1.02;
const SHORT_LINES = 0.53;
/** The share of a block's own time that shows at the end of a batch. */
const LAST = 0.35;

/**
 * Cycles of a batch, roughly: memory, second-level cache, instructions and the latency of each warp run beside one
 * another; cold code and the end of the batch, when blocks run alone, add to them.
 */
export function directGradCost(plan: DirectGradPlan): number {
  const { problem, params, bodies, chunks } = plan;
  const groups = Math.ceil(problem.batch / params.images);
  const total = { issue: 0, cache: 0, latency: 0, code: 0, alone: 0, blocks: 0 };
  for (const body of bodies) {
    const blocks = chunks.filter((chunk) => chunk.body === body).length * groups * body.pieces;
    const cycles = blockCycles(plan, body);
    total.issue += blocks * cycles.issue;
    total.cache += blocks * cycles.cache;
    total.latency += blocks * cycles.alone;
    total.code += blocks * cycles.code;
    total.blocks += blocks;
  }
  const running = Math.min(params.resident, Math.max(1, total.blocks / MULTIPROCESSORS));
  const alone = total.latency / total.blocks;
  const lines = CACHE_LINE / Math.min(CACHE_LINE, 4 * widestGroup(problem));
  const memory =
    (floorBytes(problem) / MEMORY_BYTES) *
    (params.order === 1 ? SHORT_PIECES + SHORT_LINES * (lines - 1) : 1);
  const together = beside(memory, total.issue, total.cache, total.latency / running);
  const { ofWeights } = plan.gradients;
  const ends = ofWeights ? (END_EXPOSED * total.blocks * END_LATENCY) / running : 0;
  const last = LAST * alone + (ofWeights ? SUM_LATENCY : 0);
  return (together + CODE_EXPOSED * total.code + ends) / MULTIPROCESSORS + last;
}

/** What a block asks of a multiprocessor, and how long it takes by itself. */
function blockCycles(plan: DirectGradPlan, body: WalkedBody) {
  const { params, threads, gradients } = plan;
  const warps = threads / WARP;
  const tiles = { issue: 0, cache: 0, alone: 0 };
  for (const part of body.parts) {
    const cycles = tileCycles(plan, part);
    const walked = params.images * part.walks * (part.pieces / body.pieces);
    tiles.issue += walked * warps * cycles.issue;
    tiles.cache += walked * cycles.cache;
    tiles.alone += walked * cycles.alone;
  }
  const once = warps * blockInstructions(plan, body);
  const row = gradients.ofWeights ? 3 * 4 * rowFloats(plan) : 0;
  const code = bodyBytes(plan, body);
  const missed = Math.max(0, 1 - CODE_CACHED / (params.order === 1 ? code : codeBytes(plan)));
  return {
    issue: tiles.issue + once / ISSUED,
    cache: tiles.cache + row / CACHE_BYTES,
    alone: tiles.alone + LATENCY * (gradients.ofWeights ? 3 : 1),
    code: (missed * code) / CODE_FETCHED,
  };
}

/** A step of a block over a part: all its warps' tiles. */
function tileCycles(plan: DirectGradPlan, part: WalkedPart) {
  const { params, threads, gradients } = plan;
  const { vector, lanes, along, resident } = params;
  const { program } = part;
  const lines = linesAStep(params);
  const piece = 4 * lanes * vector;
  const [own, all] = [inputs(program, along, lines), program.loads.length * along * lines];
  const hit = Math.min(1, FIRST_CACHE / Math.max(1, resident * own * piece));
  const fetched = own + (all - own) * (1 - hit);
  const pixels = program.tile.outputs.length * along * lines;
  const moved = pixels * ((gradients.ofInput ? 1 : 0) + (gradients.ofWeights ? 1 : 0));
  const needed = registers(plan.problem, params, plan.slots - 1) - SPARE_REGISTERS;
  const ahead = Math.max(4, (registersAThread(threads, resident) - needed) / vector);
  const instructions = tileInstructions(plan, part);
  return {
    issue: instructions / ISSUED,
    cache: ((fetched + moved) * (piece + PIECE_BYTES)) / CACHE_BYTES,
    alone: LATENCY * Math.max(1.5, program.loads.length / ahead) + 2 * instructions,
  };
}

/** Different values of dy of `along` tiles of each of `lines` neighbouring lines. */
const inputs = memoize(
  ({ taps, tile, input }: Program, along: number, lines: number) =>
    [tapSetKey(taps), tile.step.y, tile.step.x, input.height, input.width, along, lines].join(),
  ({ loads, tile }: Program, along: number, lines: number): number => {
    const seen = new Set<number>();
    for (let a = 0; a < along; a++)
      for (let b = 0; b < lines; b++)
        for (const { dy, dx } of loads) {
          const [rows, columns] = tile.major === 'y' ? [a, b] : [b, a];
          seen.add((dy + rows * tile.step.y) * 65536 + dx + columns * tile.step.x);
        }
    return seen.size;
  },
);
