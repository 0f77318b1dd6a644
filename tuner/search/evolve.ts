import type { Params } from '../../generator/families/family.js';
import { mulberry32, type Random } from '../random.js';
import { Ledger } from './ledger.js';
import type { Search } from './search.js';
import { type Choice, place, squaredDistance, type Terrain } from './terrain.js';

/** The fastest so many are parents. */
const PARENTS = 3;
/** The share of children that are the cheapest by static cost instead. */
const NEWCOMERS = 0.25;
/** How often a child's parameter is any that the family has. */
const MUTATION = 0.15;

/**
 * Evolution, one child at a time: it takes each parameter from one of two parents of a family or, at times, from any
 * candidate of it. Since spaces are no full grids, what is tried is the candidate that comes closest to the child.
 */
export function evolve<C extends Choice>({ candidates }: Terrain<C>, seed: number): Search<C> {
  const ledger = new Ledger(candidates);
  const chance = mulberry32(seed);
  const places = new Map(candidates.map((one) => [one, place(one)]));
  return {
    name: 'evolve',
    next() {
      const parents = fastest(ledger.times);
      const mother = pick(parents, chance);
      if (!mother || chance() < NEWCOMERS) return ledger.handOut(ledger.left[0]);
      const kin = (one: C) => one.family === mother.family;
      const father = pick(parents.filter(kin), chance)!;
      const params = child([mother, father], candidates.filter(kin), chance);
      const wanted = place({ family: mother.family, params });
      // Of equally close ones the cheapest; any of another family is further away than all of its own.
      const distances = ledger.left.map((one) => squaredDistance(wanted, places.get(one)!));
      return ledger.handOut(ledger.left[distances.indexOf(Math.min(...distances))]);
    },
    tell: (candidate, outcome) => void ledger.enter(candidate, outcome),
  };
}

function fastest<C>(times: ReadonlyMap<C, number>): readonly C[] {
  return [...times]
    .filter(([, time]) => Number.isFinite(time))
    .toSorted(([, a], [, b]) => a - b)
    .slice(0, PARENTS)
    .map(([candidate]) => candidate);
}

function child(parents: readonly Choice[], kin: readonly Choice[], chance: Random): Params {
  const axes = Object.keys(parents[0]!.params);
  return Object.fromEntries(
    axes.map((axis) => [axis, pick(chance() < MUTATION ? kin : parents, chance)!.params[axis]!]),
  );
}

function pick<T>(items: readonly T[], chance: Random): T | undefined {
  return items[Math.floor(chance() * items.length)];
}
