import { type CudaTarget, capability } from '../target.js';

/** What a GPU's multiprocessor has for the blocks that it runs side by side. */
export interface Multiprocessor {
  readonly threads: number;
  readonly blocks: number;
  /** 32-bit registers. */
  readonly registers: number;
  /** Values that all threads of a block have in common, and that multiply-adds find in no thread's registers. */
  readonly uniformRegisters: number;
  /** Shared memory in bytes, of which each block takes {@link BLOCK_SHARED} for itself. */
  readonly shared: number;
  /** The most that one block may ask for. */
  readonly blockShared: number;
}

/** What the system keeps of a block's shared memory, in bytes. */
export const BLOCK_SHARED = 1024;

/** Static shared memory that a block can have, on every GPU, in bytes. */
export const STATIC_SHARED = 48 << 10;

/** Threads a block, at most, on every GPU. */
export const BLOCK_THREADS = 1024;

/** Threads that run in step. */
export const WARP = 32;

/** Schedulers of a multiprocessor: warps that are as many apart have the same one. */
export const SCHEDULERS = 4;

/** Banks of shared memory, each 4 bytes wide: lanes that ask one for different words wait for one another. */
export const BANKS = 32;

/** What the second-level cache hands out at least, and what it keeps together, in bytes. */
export const SECTOR = 32;
export const CACHE_LINE = 128;

/** Registers that a thread can have, at most. */
export const MAX_REGISTERS = 255;

// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability": [from capability, threads, blocks, KiB].
const GENERATIONS = [
  [120, 1536, 24, 100],
  [110, 1536, 24, 228],
  [90, 2048, 32, 228],
  [89, 1536, 24, 100],
  [87, 1536, 16, 164],
  [86, 1536, 16, 100],
  [80, 2048, 32, 164],
  [0, 1024, 16, 64],
] as const;

/** Of 63 uniform registers those that nvcc gives to weights at no cost; code for sm_120 multiplies by none (nvcc 13.0). */
const UNIFORM = 16;

/** The target's; one that is not known counts as the latest before it. */
export function multiprocessor({ arch }: CudaTarget): Multiprocessor {
  const number = capability(arch);
  const [from, threads, blocks, kibibytes] = GENERATIONS.find(([first]) => number >= first)!;
  const shared = kibibytes * 1024;
  const blockShared = from === 0 ? shared : shared - BLOCK_SHARED;
  const uniformRegisters = number < 120 ? UNIFORM : 0;
  return { threads, blocks, registers: 65_536, uniformRegisters, shared, blockShared };
}

/** How many blocks of so many bytes of shared memory each it holds; 0 if one block cannot have them. */
export function blocksByShared({ shared, blockShared, blocks }: Multiprocessor, bytes: number): number {
  return bytes > blockShared ? 0 : Math.min(blocks, Math.floor(shared / (bytes + BLOCK_SHARED)));
}

/** Registers of a thread where `resident` blocks of `threads` threads share them; they are given out in eights. */
export function registersAThread(threads: number, resident: number): number {
  return Math.min(MAX_REGISTERS, Math.floor(65_536 / (threads * resident) / 8) * 8);
}

/** Registers that the compiler takes beyond what is needed, where it may. */
const SPARE_REGISTERS = 8;

/**
 * Blocks that a multiprocessor will hold, roughly: those asked for are certain, those that registers may leave room for half so.
 * @param needs registers of a thread, and bytes of shared memory of a block
 */
export function likelyResident(
  machine: Multiprocessor,
  { threads, resident }: { readonly threads: number; readonly resident: number },
  needs: { readonly registers: number; readonly shared: number },
): number {
  const used = Math.min(registersAThread(threads, resident), needs.registers + SPARE_REGISTERS);
  const room = Math.min(
    blocksByShared(machine, needs.shared),
    Math.floor(machine.threads / threads),
    Math.floor(machine.registers / (threads * Math.ceil(used / 8) * 8)),
  );
  return (resident + room) / 2;
}

/** Parts of a multiprocessor, each with a scheduler. */
const PARTS = 4;

/** Registers of a thread where so many warps share them: each part gives a quarter of all to its share of the warps. */
export function registersOfWarps(warps: number): number {
  return registersAThread(WARP * Math.ceil(warps / PARTS) * PARTS, 1);
}
