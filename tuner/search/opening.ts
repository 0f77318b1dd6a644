import type { Search } from './search.js';
import type { Choice, Terrain } from './terrain.js';

/**
 * Puts the default before a search, then the incumbent, then the cheapest of each other family, so that no static cost hides
 * a family. The search learns of candidates alone.
 */
export function opened<C extends Choice>(
  search: Search<C>,
  { candidates }: Terrain<C>,
  incumbent: C | undefined,
): Search<C> {
  const first = new Map<string, C>();
  for (const one of candidates) if (!first.has(one.family)) first.set(one.family, one);
  const [byDefault, ...others] = first.values();
  const opening = new Set([byDefault, incumbent, ...others].filter((one) => one !== undefined));
  const stranger = incumbent && !candidates.includes(incumbent) ? incumbent : undefined;
  const queue = [...opening];
  return {
    name: search.name,
    next() {
      const before = queue.shift();
      if (before) return before;
      let one = search.next();
      while (one && opening.has(one)) one = search.next();
      return one;
    },
    tell(candidate, outcome) {
      if (candidate !== stranger) search.tell(candidate, outcome);
    },
  };
}
