import type { Stem } from '../../generator/operations/operation.js';
import type { Layout, Problem } from '../../generator/problem.js';
import type { PlanMap } from './map.js';
import type { PlanBuffer, Step } from './step.js';

/** What a device would rather do in one step than in two, and the layouts of its maps. */
export interface Fusion {
  /** LayerNorm without scale and shift as part of the product that follows it. */
  readonly normIntoProduct: boolean;
  /** GELU as part of the product that it follows. */
  readonly geluIntoProduct: boolean;
  /** A pointwise convolution of images as part of the oriented one that follows it. */
  pointwiseIntoConvolution(stem: Stem): boolean;
  /** Of a convolution's maps, which the steps before and behind it write and read. */
  layoutOf(convolution: Problem): Layout;
}

/** A result: a map [N,H,W,C], or rows [N,C] with H = W = 1. */
export interface PlanOutput extends PlanMap {
  readonly name: string;
}

/**
 * A network for one batch of images of one size: steps in the order in which they run, over buffers that share one arena.
 * Two buffers overlap in it only if one is done with before the other is written; outputs are kept to the end.
 */
export interface Plan {
  readonly kind: 'plan';
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** Images [N,3,H,W]. */
  readonly images: PlanBuffer;
  readonly steps: readonly Step[];
  readonly outputs: readonly PlanOutput[];
  readonly arena: Arena;
}

export interface Arena {
  readonly elements: number;
  /** Where each buffer begins, in elements; a multiple of {@link ARENA_ALIGNMENT}. */
  readonly offsets: ReadonlyMap<PlanBuffer, number>;
}

/** 256 bytes, which is what every device's widest access and cuBLASLt ask for. */
export const ARENA_ALIGNMENT = 64;
