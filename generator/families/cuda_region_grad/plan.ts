import type { Problem } from '../../problem.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import type { GradientBody } from '../gradient_chunk.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { WARP } from '../multiprocessor.js';
import { LANES } from './layout.js';
import { type SlabKind, slabKinds } from './slab_kind.js';

/** The family's parameters, typed. */
export interface RegionGradParams {
  /** Pixels a tile. */
  readonly length: number;
  /** Rows and columns of a region, in pixels of a part. */
  readonly rows: number;
  readonly columns: number;
  /** Warps of a block that compute. */
  readonly warps: number;
  /** Warps of a block that fetch its next region meanwhile; 0: those that compute do it before. */
  readonly producers: number;
  /** How lines lie in shared memory, see {@link layoutOf}. */
  readonly apart: 0 | 1;
  /** 1: a phase's warps are on one scheduler, or on as few as can be, so that its caches of instructions hold few phases. 0: on all. */
  readonly grouped: 0 | 1;
  /**
   * 1: two blocks that have the two halves of lines of memory begin a region together. 2: one of them may be a region ahead. 0: they go as
   * they come.
   */
  readonly step: 0 | 1 | 2;
  /** Images whose regions a group of blocks goes through. */
  readonly images: number;
  /** Blocks of the same channels that share them. */
  readonly pieces: number;
}

export function regionGrad(params: Params): RegionGradParams {
  return params as unknown as RegionGradParams;
}

export interface RegionGradPlan {
  readonly problem: Problem;
  readonly params: RegionGradParams;
  readonly gradients: Gradients;
  readonly bodies: readonly GradientBody[];
  /** Directions' channels. */
  readonly ranges: readonly ChannelRange[];
  readonly kinds: readonly SlabKind[];
  /** The kind of each slab. */
  readonly kindOfSlab: readonly number[];
  /** Threads a block. */
  readonly threads: number;
  /** Regions of a plane side by side, and in all. */
  readonly regionsAcross: number;
  readonly regions: number;
  /** Sums of a channel: one a tap of the longest body, and one for the bias. */
  readonly slots: number;
  /** Taps of the phase that has the most. */
  readonly taps: number;
  /** Of a part of x and dx in shared memory, and of a region with its dy. */
  readonly partFloats: number;
  readonly stageFloats: number;
}

/** From parameters to bodies and regions; what rules, cost and emission all look at. */
export function regionGradPlan(problem: Problem, params: RegionGradParams): RegionGradPlan {
  const { stride } = problem;
  const { across, down } = regionsOf(problem, params);
  const { kinds, kindOfSlab } = slabKinds(problem, params);
  const bodies = [...new Map(kinds.flatMap((kind) => kind.bodies.map((body) => [body.id, body]))).values()];
  const ids = kindOfSlab.flatMap((kind) => kinds[kind]!.bodies.map(({ id }) => id));
  const partFloats = Math.max(...kinds.map(({ layout }) => layout.partFloats));
  return {
    problem,
    params,
    gradients: gradientsOf(problem.op),
    bodies,
    ranges: ids.map((id, i) => ({
      from: i * LANES,
      to: (i + 1) * LANES,
      body: bodies.findIndex((body) => body.id === id),
    })),
    kinds,
    kindOfSlab,
    threads: WARP * (params.warps + params.producers),
    regionsAcross: across,
    regions: across * down,
    slots: Math.max(...bodies.map(({ taps }) => taps.taps.length)) + 1,
    taps: Math.max(...kinds.flatMap(({ phases }) => phases.map(({ part }) => part.slots.length))),
    partFloats,
    stageFloats: stride * stride * partFloats + Math.max(...kinds.map(({ layout }) => layout.gradFloats)),
  };
}

/** Regions of a plane side by side, and one below the other. */
export function regionsOf(
  { height, width, stride }: Problem,
  { rows, columns }: Pick<RegionGradParams, 'rows' | 'columns'>,
) {
  return { across: Math.ceil(width / (columns * stride)), down: Math.ceil(height / (rows * stride)) };
}

/** Regions in shared memory: one is on its way while the other is computed, between which the template alternates. */
const STAGES = 2;

/** Dynamic shared memory of a block, in bytes: regions, whose place the sums of warps take at the end. */
export function regionGradShared({ threads, gradients, taps, stageFloats }: RegionGradPlan): number {
  // Producers lay theirs there, too, which nobody reads.
  const sums = gradients.ofWeights ? (threads / WARP) * (taps + 1) * LANES : 0;
  return 4 * Math.max(STAGES * stageFloats, sums);
}

/** Addresses, places and tests of a thread, and values of dy on their way. */
const OTHER_REGISTERS = 24;

/** Registers a thread, roughly. */
export function regionGradRegisters({ params: { length }, gradients, taps }: RegionGradPlan): number {
  const { ofInput, ofWeights } = gradients;
  return (ofInput ? taps + length : 0) + (ofWeights ? taps + 1 + length : 0) + OTHER_REGISTERS;
}
