import { memoize } from '../../memo.js';
import { floorBytes } from '../../problem.js';
import { multiplyAdds, type Program } from '../../program.js';
import { tapSetKey } from '../../taps.js';
import { type Body, usedTaps } from '../chunk.js';
import {
  beside,
  CODE_FETCHED,
  INSTRUCTION_BYTES,
  ISSUED,
  MEMORY_BYTES,
  MULTIPROCESSORS,
  tileInstructions,
} from '../h100_model.js';
import { registersAThread, WARP } from '../multiprocessor.js';
import type { DirectPlan } from './plan.js';

// Beside what all families count. Numbers are fitted to the schedules of docs/gpu-kernels.md.

/** Bytes out of the second-level cache that a multiprocessor gets in a cycle. */
const CACHE_BYTES = 24;
/** What a piece of a pixel costs the second-level cache beyond its own bytes. */
const PIECE_BYTES = 32;
/** What the first-level cache holds, in bytes. */
const FIRST_CACHE = 200 << 10;
/** Cycles from a load to its value. */
const LATENCY = 600;
/** Code that the caches of instructions hold, in bytes: less than in h100_model.ts, and what does not fit comes as a share. */
const CODE_CACHED = 24 << 10;
/** The share of these that nothing hides. */
const EXPOSED = { latency: 0.2, code: 0.15 };
/** Registers beside weights and sums, and the fewest that are left for inputs. */
const OTHER_REGISTERS = 10;
const FEW_INPUTS = 6;

/**
 * Cycles of a batch, roughly: memory, second-level cache and instructions run beside one another, so that the longest of
 * them counts most, and latency and cold code add their shares.
 */
export function directCost(plan: DirectPlan): number {
  const { problem, params, bodies, chunks } = plan;
  const code = bodies.reduce((sum, body) => sum + codeBytes(body, params.vector), 0);
  const missed = Math.max(0, 1 - CODE_CACHED / code);
  const total = { issue: 0, cache: 0, latency: 0, code: 0 };
  for (const body of bodies) {
    const count = chunks.filter((chunk) => chunk.body === body).length * problem.batch;
    const cycles = chunkCycles(plan, body);
    total.issue += count * cycles.issue;
    total.cache += count * cycles.cache;
    total.latency += count * cycles.latency;
    total.code += count * cycles.code * missed;
  }
  const memory = floorBytes(problem) / MEMORY_BYTES;
  const together = beside(memory, total.issue, total.cache);
  return (together + EXPOSED.latency * total.latency + EXPOSED.code * total.code) / MULTIPROCESSORS;
}

/** What a chunk of one image asks of a multiprocessor that is full of such chunks. */
function chunkCycles({ params, threads }: DirectPlan, body: Body) {
  const { vector, lanes, along, across, resident, length } = params;
  const { program } = body;
  const teams = WARP / lanes;
  const lines = across * teams;
  const blocks = Math.ceil(body.along / along) * Math.ceil(body.across / lines);
  const warps = Math.ceil((body.along * body.across) / teams);
  const piece = 4 * lanes * vector;
  const [own, all] = [inputs(program, along, lines), program.loads.length * along * lines];
  const hit = Math.min(1, FIRST_CACHE / (resident * own * piece));
  const fetched = own + (all - own) * (1 - hit);
  const left = (registersAThread(threads, resident) - OTHER_REGISTERS) / vector - length - usedTaps(program);
  const waits = 1 + Math.max(1, program.loads.length / Math.max(FEW_INPUTS, left));
  return {
    issue: (warps * instructions(body, vector)) / ISSUED,
    cache: (blocks * fetched * (piece + PIECE_BYTES)) / CACHE_BYTES,
    latency: (blocks * LATENCY * waits) / resident,
    code: (blocks * codeBytes(body, vector)) / CODE_FETCHED,
  };
}

/** Of a warp: a load brings its test and its zero along; a multiply-add is one of each channel of a lane. */
function instructions({ program }: Body, vector: number): number {
  const channels = (vector - 1) * multiplyAdds(program);
  return tileInstructions(program, { load: 3, start: 40 }) + channels + usedTaps(program);
}

/** What the machine code of a body takes, roughly, in bytes. */
export function codeBytes(body: Body, vector: number): number {
  return INSTRUCTION_BYTES * instructions(body, vector);
}

/** Different inputs of `along` tiles of each of `lines` neighbouring lines. */
const inputs = memoize(
  ({ taps, tile, stride, input }: Program, along: number, lines: number) =>
    [tapSetKey(taps), tile.step.y, tile.step.x, input.height, input.width, stride, along, lines].join(),
  ({ loads, tile, stride }: Program, along: number, lines: number): number => {
    const [down, right] = [tile.step.y * stride, tile.step.x * stride];
    const seen = new Set<number>();
    for (let a = 0; a < along; a++)
      for (let b = 0; b < lines; b++)
        for (const { dy, dx } of loads) {
          const [rows, columns] = tile.major === 'y' ? [a, b] : [b, a];
          seen.add((dy + rows * down) * 65536 + dx + columns * right);
        }
    return seen.size;
  },
);
