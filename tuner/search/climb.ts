import { mulberry32, type Random, shuffled } from '../random.js';
import { Ledger } from './ledger.js';
import type { Search } from './search.js';
import { type Choice, neighbours, type Terrain } from './terrain.js';

/** Restarts choose among so many of the cheapest that are left, by static cost. */
const STARTS = 4;

/**
 * Hill climbing: tries the neighbours of the fastest candidate of this climb, moves on to whichever beats it, and starts
 * again elsewhere when all its neighbours were tried.
 */
export function climb<C extends Choice>(terrain: Terrain<C>, seed: number): Search<C> {
  const ledger = new Ledger(terrain.candidates);
  const chance = mulberry32(seed);
  let top: { readonly at: C; readonly time: number } | undefined;
  /** Neighbours of the top that this climb has yet to try. */
  let ways: C[] = [];
  const stand = (at: C, time: number) => {
    top = { at, time };
    ways = shuffled(neighbours(at, terrain.candidates), chance);
  };
  return {
    name: 'climb',
    next() {
      ways = ways.filter((way) => ledger.isLeft(way));
      const way = ways.shift();
      if (way) return ledger.handOut(way);
      const start = ledger.handOut(startOf(ledger.left, chance));
      // Its time is not known yet: until it is told, whatever has one counts as higher ground.
      if (start) stand(start, Number.POSITIVE_INFINITY);
      return start;
    },
    tell(candidate, outcome) {
      const time = ledger.enter(candidate, outcome);
      if (top?.at === candidate) top = { at: candidate, time };
      else if (time < (top?.time ?? Number.POSITIVE_INFINITY)) stand(candidate, time);
    },
  };
}

function startOf<C>(left: readonly C[], chance: Random): C | undefined {
  return left[Math.floor(chance() * Math.min(STARTS, left.length))];
}
