import { type Group, groupId } from '../../group.js';
import { memoize } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import { majorOf } from '../../tile.js';
import { cutBy } from '../chunk.js';
import { type GradientBody, gradientBody } from '../gradient_chunk.js';
import { gradientsOf } from '../gradient_text.js';
import { SCHEDULERS } from '../multiprocessor.js';
import { LANES, type Layout, layoutOf, SLAB } from './layout.js';
import { type Phase, phasesOf } from './phase.js';

/** Slabs of the same directions in the same order. */
export interface SlabKind {
  /** Of each LANES channels. */
  readonly bodies: readonly GradientBody[];
  readonly phases: readonly Phase[];
  readonly layout: Layout;
}

interface KindParams {
  readonly length: number;
  readonly rows: number;
  readonly columns: number;
  readonly warps: number;
  readonly apart: 0 | 1;
  readonly grouped: 0 | 1;
}

/** The kinds that a layer's slabs are of, and the number of each slab's. */
export const slabKinds = memoize(
  (problem: Problem, { length, rows, columns, warps, apart, grouped }: KindParams) =>
    [layerName(problem), length, rows, columns, warps, apart, grouped].join(),
  (problem: Problem, params: KindParams) => {
    const directions = cutBy(problem, LANES, (group) => group).chunks.map(({ body }) => body);
    const kinds = new Map<string, SlabKind>();
    const keys = Array.from({ length: problem.channels / SLAB }, (_, slab) => {
      const own = directions.slice((slab * SLAB) / LANES, ((slab + 1) * SLAB) / LANES);
      const key = own.map(groupId).join();
      if (!kinds.has(key)) kinds.set(key, kindOf(problem, own, params));
      return key;
    });
    const order = [...kinds.keys()];
    return { kinds: [...kinds.values()], kindOfSlab: keys.map((key) => order.indexOf(key)) };
  },
  64,
);

function kindOf(problem: Problem, directions: readonly Group[], params: KindParams): SlabKind {
  const region = { height: params.rows, width: params.columns };
  // A line at 45 degrees is as steep as the one beside it, where that matters.
  const isSteep = directions.some(({ taps }) => majorOf(taps, 'x') === 'y');
  const diagonal = params.apart === 1 && isSteep ? 'y' : 'x';
  const bodies = directions.map((group) => gradientBody(problem, group, params.length, diagonal, region));
  const phases = phasesOf(bodies, params.warps, gradientsOf(problem.op), schedulersOf(params));
  const programs = phases.map(({ part }) => part.program);
  return { bodies, phases, layout: layoutOf(programs, region, params.apart) };
}

/** Schedulers whose warps are told apart. */
export function schedulersOf({ grouped }: Pick<KindParams, 'grouped'>): number {
  return grouped === 1 ? SCHEDULERS : 1;
}
