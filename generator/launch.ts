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
}
