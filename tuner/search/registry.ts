import { TunerError } from '../errors.js';
import { climb } from './climb.js';
import { evolve } from './evolve.js';
import { exhaustive } from './exhaustive.js';
import { model } from './model.js';
import { opened } from './opening.js';
import { random } from './random.js';
import type { Search } from './search.js';
import type { Choice, Terrain } from './terrain.js';

interface SearchKind {
  readonly about: string;
  create<C extends Choice>(terrain: Terrain<C>, seed: number): Search<C>;
}

/** To add a search: one file and one entry here. */
const SEARCHES: ReadonlyMap<string, SearchKind> = new Map<string, SearchKind>([
  ['exhaustive', { about: "in the order of the families' static cost", create: exhaustive }],
  ['random', { about: 'in random order', create: random }],
  ['climb', { about: 'hill climbing with restarts, one parameter at a time', create: climb }],
  ['evolve', { about: 'crosses and changes the fastest', create: evolve }],
  [
    'model',
    { about: 'what the static cost, corrected by the times so far, expects to be fastest', create: model },
  ],
]);

export const SEARCH_NAMES: readonly string[] = Object.freeze([...SEARCHES.keys()]);

/** The one that comes closest to the optimum in a tenth of the trials, see tests/tuner/replay.test.ts. */
export const DEFAULT_SEARCH = 'model';

/** What each search does, a line each. */
export function searchHelp(): string {
  return [...SEARCHES].map(([name, { about }]) => `${name}: ${about}`).join('\n  ');
}

/**
 * A search over a space of candidates, with its opening.
 * @param seed decides every choice that a search leaves to chance
 * @param incumbent is tried early, whatever the search thinks of it, and even if it is no candidate
 * @throws TunerError if no search has that name
 */
export function createSearch<C extends Choice>(
  name: string,
  terrain: Terrain<C>,
  seed: number,
  incumbent?: C,
): Search<C> {
  const kind = SEARCHES.get(name);
  if (!kind)
    throw new TunerError({
      code: 'search-unknown',
      value: name,
      rule: `a search is one of ${SEARCH_NAMES.join(', ')}`,
      remedy: `use --search ${DEFAULT_SEARCH}`,
    });
  return opened(kind.create(terrain, seed), terrain, incumbent);
}
