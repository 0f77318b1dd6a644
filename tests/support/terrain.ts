import fc from 'fast-check';
import type { Outcome } from '../../tuner/outcome.js';
import type { Search } from '../../tuner/search/search.js';
import type { Choice, Terrain } from '../../tuner/search/terrain.js';

/** Candidates of a grid of two families, with holes, cheapest first. */
export const terrains: fc.Arbitrary<Terrain> = fc
  .uniqueArray(
    fc.record({
      family: fc.constantFrom('wide', 'tall'),
      params: fc.record({
        tile: fc.constantFrom(1, 2, 4, 7),
        lanes: fc.constantFrom(8, 16),
        fold: fc.constantFrom(0, 1),
      }),
    }),
    { selector: (choice) => JSON.stringify(choice), maxLength: 24 },
  )
  .chain((candidates) =>
    fc
      .array(fc.double({ min: 1, max: 1e6, noNaN: true }), {
        minLength: candidates.length,
        maxLength: candidates.length,
      })
      .map((costs) => ({ candidates, costs: costs.toSorted((a, b) => a - b) })),
  );

/** A full grid of one family; its cost is what `cost` says. */
export function grid(
  axes: Readonly<Record<string, readonly number[]>>,
  cost: (choice: Choice) => number,
): Terrain {
  const all = Object.entries(axes).reduce<Record<string, number>[]>(
    (some, [name, values]) => some.flatMap((params) => values.map((value) => ({ ...params, [name]: value }))),
    [{}],
  );
  const candidates = all.map((params) => ({ family: 'wide', params })).toSorted((a, b) => cost(a) - cost(b));
  return { candidates, costs: candidates.map(cost) };
}

export const FAILED: Outcome = { kind: 'failed', reason: 'a test' };

/** Asks a search for all it has, and tells of each in order, so many later; undefined outcomes are never told. */
export function drain<C>(
  search: Search<C>,
  outcome: (candidate: C) => Outcome | undefined,
  inFlight = 1,
): readonly C[] {
  const all: C[] = [];
  let told = 0;
  const tell = () => {
    const one = all[told++]!;
    const how = outcome(one);
    if (how) search.tell(one, how);
  };
  for (let one = search.next(); one !== undefined; one = search.next()) {
    all.push(one);
    if (all.length - told >= inFlight) tell();
  }
  while (told < all.length) tell();
  return all;
}
