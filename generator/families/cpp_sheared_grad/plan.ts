import { type GradientPart, gradientParts, gradSize } from '../../gradient.js';
import { type Group, groupId, groups } from '../../group.js';
import { memoize, memoizeLast } from '../../memo.js';
import type { Problem } from '../../problem.js';
import { lastOf, type Program } from '../../program.js';
import { bandOrigins, type Slab, slabOf, slabPixels } from '../../slab.js';
import { type TapSet, tapSetKey } from '../../taps.js';
import { centreTap } from '../body_text.js';
import { type Block, blocksOf, rolling, type ShearedParams } from '../cpp_sheared/plan.js';
import type { Params } from '../family.js';
import { gradientsOf } from '../gradient_text.js';

/**
 * The family's parameters, those of cpp_sheared: a tile's outputs are pixels of x and dx; what is staged is dy, and a
 * band has so many rows of it. Both dy and x are fetched ahead.
 */
export type GradParams = ShearedParams;

export function gradParams(params: Params): GradParams {
  return params as unknown as GradParams;
}

/** The straight-line code of one tap set, shared by all groups that have it. */
export interface GradBody {
  /** `22p5`: the first angle that has these taps. */
  readonly id: string;
  /** Degrees; null of square filters. */
  readonly angle: number | null;
  readonly taps: TapSet;
  /** The tap on the pixel itself. */
  readonly centre: number;
  readonly parts: readonly GradientPart[];
  /** Serves all parts. */
  readonly slab: Slab;
}

export interface GradPlan {
  readonly problem: Problem;
  readonly params: GradParams;
  /** Rows of dy a unit of work. */
  readonly bandRows: number;
  readonly bodies: readonly GradBody[];
  readonly blocks: readonly Block<GradBody>[];
}

/** From parameters to bodies and blocks; what rules, cost and emission all look at, one after the other. */
export const gradPlan = memoizeLast((problem: Problem, params: GradParams): GradPlan => {
  const { band, length } = params;
  const { height } = gradSize(problem);
  const bandRows = band === 0 || rolling(params) ? height : Math.min(band, height);
  const bodies = new Map<string, GradBody>();
  const blocks: Block<GradBody>[] = [];
  for (const group of groups(problem)) {
    const key = tapSetKey(group.taps);
    const body = bodies.get(key) ?? bodyOf(problem, group, length, bandRows);
    bodies.set(key, body);
    blocks.push(...blocksOf(group, body, params));
  }
  return { problem, params, bandRows, bodies: [...bodies.values()], blocks };
});

// A space has thousands of schedules over a few dozen bodies.
const bodyOf = memoize(
  ({ op, height, width, stride }: Problem, { angle, taps }: Group, length: number, rows: number) =>
    [op, height, width, stride, angle, taps.kernel, length, rows].join(),
  (problem: Problem, { angle, taps }: Group, length: number, rows: number): GradBody => {
    const all = gradientParts(problem, taps, length);
    const tapped = all.filter(({ program }) => program.loads.length > 0);
    return {
      id: groupId({ angle }),
      angle,
      taps,
      centre: centreTap(taps),
      // A part that no tap reaches adds nothing to dw.
      parts: gradientsOf(problem.op).ofInput ? all : tapped,
      slab: commonSlab(
        tapped.map(({ program }) => program),
        rows,
      ),
    };
  },
);

/** The slab that holds every program's own. */
function commonSlab(programs: readonly Program[], bandRows: number): Slab {
  const slabs = programs.map((program) => slabOf(program, bandRows));
  const top = Math.min(...slabs.map((slab) => slab.top));
  const left = Math.min(...slabs.map((slab) => slab.left));
  const rows = Math.max(...slabs.map((slab) => slab.top + slab.rows)) - top;
  const pitch = Math.max(...slabs.map((slab) => slab.left + slab.pitch)) - left;
  const reached = programs.flatMap((program) => {
    const y = bandOrigins(program, bandRows);
    const { x } = program.origins;
    const at = (dy: number, dx: number) => (dy - top) * pitch + (dx - left);
    return program.loads.flatMap(({ dy, dx }) => [
      at(y.from + dy, x.from + dx),
      at(lastOf(y) + dy, lastOf(x) + dx),
    ]);
  });
  return Object.freeze({
    kind: 'slab',
    top,
    left,
    rows,
    pitch,
    before: Math.max(0, -Math.min(0, ...reached)),
    after: Math.max(0, Math.max(0, ...reached) - (rows * pitch - 1)),
  });
}

/** Vectors that a block has in `packed` and in a unit's sums, of each of its depths: the taps', and the bias's. */
export function blockRows({ body }: Block<GradBody>): number {
  return body.taps.taps.length + 1;
}

/** A block's scratch in floats: sums, then the staged bands of dy, then in NCHW a band of x and dx. */
export function scratchOf(
  { problem, bandRows }: GradPlan,
  block: Block<GradBody>,
): { readonly sums: number; readonly total: number } {
  const { body, lanes, depth } = block;
  const { layout, height, width, stride, op } = problem;
  const sums = gradientsOf(op).ofWeights ? blockRows(block) * lanes * depth : 0;
  const pixels = layout === 'nchw' ? Math.min(bandRows * stride, height) * width : 0;
  return { sums, total: sums + (slabPixels(body.slab) + pixels) * lanes * depth };
}
