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
  /** Floats that `<kernel>_pack` writes, one a thread; 0 for wgrad, which takes no weights. */
  readonly packedFloats: number;
  /** Of a kernel of wgrad or backward: the buffer that its blocks add up their sums in. */
  readonly partial?: PartialSums;
  /** The kernel's last argument, where it has one: a tensor map of the input, or of dy. */
  readonly inputMap?: TensorMap;
  readonly gradMap?: TensorMap;
}

/**
 * A gradient's partial sums, one group for each `images` of the batch: their size is `fixedFloats + floatsPerGroup * groups`.
 * What is fixed comes first: a general kernel's counters of the blocks that are done, zero before its first launch, which
 * it leaves so; none where there is a reduction.
 */
export interface PartialSums {
  readonly fixedFloats: number;
  readonly floatsPerGroup: number;
  /** The launch of `<kernel>_reduce`, which adds them up; absent where the kernel does that itself. */
  readonly reduction?: Reduction;
}

export interface Reduction {
  readonly blocks: number;
  /** A launch of fewer groups writes the gradients itself. */
  readonly leastGroups: number;
  /** Its blocks may start before the kernel has ended, for which they wait themselves. On sm_90 and newer. */
  readonly early?: true;
}

/**
 * How a kernel's copy engine sees a tensor: a dense float32 tensor, dimensions innermost first, of which it fetches
 * boxes. What of a box lies outside of the tensor arrives as zeros.
 */
export interface TensorMap {
  readonly kind: 'tensor-map';
  /** All dimensions but the last, which is the batch of a convolution, and known where a map is made. */
  readonly sizes: readonly number[];
  /**
   * Elements from one to the next of all dimensions but the innermost and the batch, of a tensor that has them in another
   * order than the kernel.
   */
  readonly steps?: readonly number[];
  /** A box, the batch's part included: 1 of convolutions. */
  readonly box: readonly number[];
  /**
   * Whether chunks of 16 bytes change places in shared memory, within the box's rows of 128: chunk c of row r is where c ^ r % 8
   * would be.
   */
  readonly swizzled?: true;
}

/** Threads a block of `<kernel>_pack`, and of `<kernel>_reduce`. */
const PACK_THREADS = 256;
const REDUCE_THREADS = 256;
/** Values that a block of `<kernel>_reduce` adds up. */
const REDUCED = 32;

/** A launch in one dimension. */
export interface Grid {
  readonly blocks: number;
  readonly threads: number;
}

/** The kernel's grid for a batch. */
export function kernelGrid({ threads, blocks, images }: LaunchPlan, batch: number): Grid {
  return { blocks: blocks * Math.ceil(batch / images), threads };
}

/** Floats of the partial sums of a batch; 0 for a kernel that has none. */
export function partialFloats({ partial, images }: LaunchPlan, batch: number): number {
  return partial ? partial.fixedFloats + partial.floatsPerGroup * Math.ceil(batch / images) : 0;
}

/**
 * Rows of `values` partial sums each that a launch of their own adds up; `leastGroups` and `early` are those of {@link Reduction}.
 * @param sums `rows` of a group of images, 1 unless given
 */
export function summedRows(sums: {
  readonly values: number;
  readonly rows?: number;
  readonly leastGroups?: number;
  readonly early: boolean;
}): PartialSums {
  const { values, rows = 1, leastGroups = 1, early } = sums;
  const reduction = Object.freeze({
    blocks: Math.ceil(values / REDUCED),
    leastGroups,
    ...(early && { early }),
  });
  return Object.freeze({ fixedFloats: 0, floatsPerGroup: rows * values, reduction });
}

/** The grid of `<kernel>_reduce` for a batch; undefined where there is nothing to reduce. */
export function reduceGrid({ partial, images }: LaunchPlan, batch: number): Grid | undefined {
  const reduction = partial?.reduction;
  if (!reduction || Math.ceil(batch / images) < reduction.leastGroups) return undefined;
  return { blocks: reduction.blocks, threads: REDUCE_THREADS };
}

/** The grid of `<kernel>_pack`. */
export function packGrid({ packedFloats }: LaunchPlan): Grid {
  return { blocks: Math.ceil(packedFloats / PACK_THREADS), threads: PACK_THREADS };
}
