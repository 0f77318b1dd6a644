import { TunerError } from '../errors.js';
import { exhaustive } from './exhaustive.js';
import { random } from './random.js';
import type { Search } from './search.js';

type CreateSearch = <C>(space: readonly C[], seed: number) => Search<C>;

/** To add a search: one file and one line here. */
const SEARCHES: ReadonlyMap<string, CreateSearch> = new Map<string, CreateSearch>([
  ['exhaustive', exhaustive],
  ['random', random],
]);

export const SEARCH_NAMES: readonly string[] = Object.freeze([...SEARCHES.keys()]);

/**
 * A search over a space of candidates.
 * @param seed decides every choice that a search leaves to chance
 * @throws TunerError if no search has that name
 */
export function createSearch<C>(name: string, space: readonly C[], seed: number): Search<C> {
  const create = SEARCHES.get(name);
  if (!create)
    throw new TunerError({
      code: 'search-unknown',
      value: name,
      rule: `a search is one of ${SEARCH_NAMES.join(', ')}`,
      remedy: `use --search ${SEARCH_NAMES[0]}`,
    });
  return create(space, seed);
}
