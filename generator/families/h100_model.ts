import { multiplyAdds, type Program } from '../program.js';
import { SCHEDULERS } from './multiprocessor.js';

// What the CUDA families' costs have in common: an H100's multiprocessors, counted in cycles. Other GPUs are near enough,
// since a cost only puts candidates in order. What is called an estimate here or in a family has no other source than
// that order. Where families disagree (latencies, exposed shares, the first instructions of a tile, cached code) they keep
// their own number, since that of another one would change which candidates come first.

/** Of an H100 SXM5 (NVIDIA H100 Tensor Core GPU Architecture). */
export const MULTIPROCESSORS = 132;

/** Bytes to or from memory that a multiprocessor moves in a cycle: its share of 3.35 TB/s at 1.98 GHz is 12.8. */
export const MEMORY_BYTES = 13;

/** Instructions that a multiprocessor issues in a cycle: one for each of its four schedulers (the same paper). */
export const ISSUED = SCHEDULERS;

/** Cycles from an instruction of a warp to its next, where it has a scheduler to itself. An estimate. */
export const DEPENDENT = 2;

/** Bytes of an instruction: 128 bits, from compute capability 7.0 on, as cuobjdump shows them. */
export const INSTRUCTION_BYTES = 16;

/** Bytes of code that is in no cache of instructions, and that a multiprocessor gets in a cycle. An estimate. */
export const CODE_FETCHED = 8;

/** Code in bytes that stays cached while blocks run the same of it one after another. An estimate. */
const CODE_CACHED = 96 << 10;

/** The share of a block's own time that shows at the end of a batch: half of the last ones run alone. An estimate. */
const LAST = 0.5;

/** Cycles of things that go on beside one another: the longest counts, and a little of the others. */
export function beside(...cycles: readonly number[]): number {
  return cycles.reduce((sum, some) => sum + some ** 4, 0) ** (1 / 4);
}

/** Cycles that a warp waits for a body's code of so many bytes, where all bodies together leave the caches. */
export function fetchCycles(bytes: number, allBytes: number): number {
  return allBytes > CODE_CACHED ? bytes / CODE_FETCHED : 0;
}

/** Instructions of a warp for a tile: `load` for each load, `start` once; a store brings its test and its address along. */
export function tileInstructions(
  program: Program,
  { load, start }: { readonly load: number; readonly start: number },
): number {
  return multiplyAdds(program) + load * program.loads.length + 3 * program.tile.outputs.length + start;
}

/** What a block costs, in cycles. */
interface BlockCycles {
  /** Of its multiprocessor while others run beside it. */
  readonly together: number;
  /** From its start to its end if it had a multiprocessor to itself. */
  readonly alone: number;
  /** The share of `alone` that shows although others run beside it. */
  readonly exposed: number;
}

/** Cycles of a batch of `blocks` blocks, `resident` of them side by side on each multiprocessor. */
export function batchCycles(
  blocks: number,
  resident: number,
  { together, alone, exposed }: BlockCycles,
): number {
  return (blocks / MULTIPROCESSORS) * (together + (exposed * alone) / resident) + LAST * alone;
}
