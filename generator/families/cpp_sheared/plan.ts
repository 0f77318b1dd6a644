import { type Group, groupId, groups } from '../../group.js';
import { memoize, memoizeLast } from '../../memo.js';
import { outputSize, type Problem } from '../../problem.js';
import { fpropProgram, type Program } from '../../program.js';
import { type Slab, slabOf, slabPixels } from '../../slab.js';
import { tapSetKey } from '../../taps.js';
import { bestTile } from '../../tile.js';
import type { Params } from '../family.js';

/** The family's parameters, typed. */
export interface ShearedParams {
  /** Outputs a tile: accumulators. */
  readonly length: number;
  /** float32 lanes a vector: channels that one tile computes at once. */
  readonly lanes: number;
  /** Vectors staged together: neighbouring channels come in the same memory lines. */
  readonly depth: number;
  /** Output rows staged at a time; 0: the whole plane. */
  readonly band: number;
  /**
   * 1: the next unit's input is fetched ahead while this one computes. 2, rolling: the bands of an image also share one
   * slab of the whole plane, which each row enters once, and what is fetched is what the next bands will stage.
   */
  readonly prefetch: number;
  /** 1: results leave past the cache. */
  readonly stream: number;
}

export function sheared(params: Params): ShearedParams {
  return params as unknown as ShearedParams;
}

export function rolling({ prefetch }: ShearedParams): boolean {
  return prefetch === 2;
}

/** Output rows a unit of work, and the rows that its slab serves. */
export function bandRows(problem: Problem, params: ShearedParams): number {
  const { height } = outputSize(problem);
  return params.band === 0 || rolling(params) ? height : Math.min(params.band, height);
}

/** The straight-line code of one tap set, shared by all groups that have it. */
export interface Body {
  /** `22p5`: the first angle that has these taps. */
  readonly id: string;
  /** Degrees; null of square filters. */
  readonly angle: number | null;
  readonly program: Program;
  readonly slab: Slab;
}

/** D * L neighbouring channels of one group; what is left of a group goes to narrower blocks. */
export interface Block<B = Body> {
  readonly body: B;
  readonly channel: number;
  readonly lanes: number;
  readonly depth: number;
}

export interface ShearedPlan {
  readonly problem: Problem;
  readonly params: ShearedParams;
  readonly bandRows: number;
  readonly bodies: readonly Body[];
  readonly blocks: readonly Block[];
}

/** From parameters to bodies and blocks; what rules, cost and emission all look at, one after the other. */
export const shearedPlan = memoizeLast((problem: Problem, params: ShearedParams): ShearedPlan => {
  const rows = bandRows(problem, params);
  const bodies = new Map<string, Body>();
  const blocks: Block[] = [];
  for (const group of groups(problem)) {
    const key = tapSetKey(group.taps);
    const body = bodies.get(key) ?? bodyOf(problem, group, params.length, rows);
    bodies.set(key, body);
    blocks.push(...blocksOf(group, body, params));
  }
  return { problem, params, bandRows: rows, bodies: [...bodies.values()], blocks };
});

// A space has thousands of schedules over a few dozen bodies.
const bodyOf = memoize(
  ({ height, width, stride }: Problem, { angle, taps }: Group, length: number, rows: number) =>
    [height, width, stride, angle, taps.kernel, length, rows].join(),
  (problem: Problem, { angle, taps }: Group, length: number, rows: number): Body => {
    const plane = { input: problem, output: outputSize(problem), stride: problem.stride };
    const program = fpropProgram(taps, bestTile(taps, length), plane);
    return { id: groupId({ angle }), angle, program, slab: slabOf(program, rows) };
  },
);

/** A group cut into blocks. */
export function blocksOf<B>(
  { from, to }: Group,
  body: B,
  { lanes, depth }: Pick<ShearedParams, 'lanes' | 'depth'>,
): Block<B>[] {
  const blocks: Block<B>[] = [];
  let channel = from;
  let width = lanes;
  while (channel < to) {
    while (width > to - channel) width /= 2;
    const block = { body, channel, lanes: width, depth: Math.min(depth, Math.floor((to - channel) / width)) };
    blocks.push(block);
    channel += block.lanes * block.depth;
  }
  return blocks;
}

/** Scratch of a block in floats: its staged bands and, in NCHW, its results. */
export function scratchFloats(
  { problem, bandRows: rows }: ShearedPlan,
  { body, lanes, depth }: Block,
): number {
  const results = problem.layout === 'nchw' ? rows * outputSize(problem).width : 0;
  return (slabPixels(body.slab) + results) * lanes * depth;
}
