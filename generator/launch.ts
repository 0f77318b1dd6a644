/** How an emitted CUDA kernel is launched; a published library keeps it beside the kernel. */
export interface LaunchPlan {
  readonly kind: 'launch-plan';
  /** Threads a block. */
  readonly threads: number;
  /** Blocks that do `images` images: the grid is blocks * ceil(batch / images). */
  readonly blocks: number;
  readonly images: number;
  /** Dynamic shared memory a block, in bytes. */
  readonly sharedBytes: number;
  /** Floats that `<kernel>_pack` writes, one a thread. */
  readonly packedFloats: number;
  /** The kernel's last argument, where it has one: a tensor map of the input. */
  readonly inputMap?: TensorMap;
}

/**
 * How a kernel's copy engine sees its input: a dense float32 tensor, dimensions innermost first, of which it fetches
 * boxes. What of a box lies outside of the tensor arrives as zeros.
 */
export interface TensorMap {
  readonly kind: 'tensor-map';
  /** All dimensions but the batch, which is the last. */
  readonly sizes: readonly number[];
  /** A box, the batch's 1 included. */
  readonly box: readonly number[];
}

/** Threads a block of `<kernel>_pack`. */
const PACK_THREADS = 256;

/** A launch in one dimension. */
export interface Grid {
  readonly blocks: number;
  readonly threads: number;
}

/** The kernel's grid for a batch. */
export function kernelGrid({ threads, blocks, images }: LaunchPlan, batch: number): Grid {
  return { blocks: blocks * Math.ceil(batch / images), threads };
}

/** The grid of `<kernel>_pack`. */
export function packGrid({ packedFloats }: LaunchPlan): Grid {
  return { blocks: Math.ceil(packedFloats / PACK_THREADS), threads: PACK_THREADS };
}
