import type { Params } from '../../generator/families/family.js';

/** A candidate as searches see it. */
export interface Choice {
  readonly family: string;
  readonly params: Params;
}

/** What a search walks over: candidates, cheapest first by the families' static cost. They are rarely a full grid. */
export interface Terrain<C extends Choice = Choice> {
  readonly candidates: readonly C[];
  /** The static cost of each, in their order. */
  readonly costs: readonly number[];
}

/** Where a choice stands among those of its family: the binary logarithms of its parameters, by name. */
export interface Place {
  readonly family: string;
  readonly coordinates: readonly number[];
}

export function place({ family, params }: Choice): Place {
  // Switches and counts may be 0.
  const coordinates = Object.keys(params)
    .toSorted()
    .map((name) => Math.log2(1 + params[name]!));
  return { family, coordinates };
}

/** In doublings of parameters; infinite across families. */
export function squaredDistance(a: Place, b: Place): number {
  if (a.family !== b.family) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const [i, coordinate] of a.coordinates.entries()) sum += (coordinate - b.coordinates[i]!) ** 2;
  return sum;
}

/** Those that differ from one in a single parameter, by the next value that a candidate has there. */
export function neighbours<C extends Choice>(one: C, candidates: readonly C[]): readonly C[] {
  const nearest = new Map<string, C>();
  for (const other of candidates) {
    const axis = onlyDifference(one, other);
    if (axis === undefined) continue;
    const step = `${axis} ${other.params[axis]! > one.params[axis]!}`;
    const rival = nearest.get(step);
    if (!rival || gap(one, other, axis) < gap(one, rival, axis)) nearest.set(step, other);
  }
  return [...nearest.values()];
}

function gap(a: Choice, b: Choice, axis: string): number {
  return Math.abs(a.params[axis]! - b.params[axis]!);
}

function onlyDifference(a: Choice, b: Choice): string | undefined {
  if (a.family !== b.family) return undefined;
  const axes = Object.keys(a.params).filter((axis) => a.params[axis] !== b.params[axis]);
  return axes.length === 1 ? axes[0] : undefined;
}
