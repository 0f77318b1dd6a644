import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TunerError } from '../../../tuner/errors.js';
import { createSearch, SEARCH_NAMES } from '../../../tuner/search/registry.js';
import type { Search } from '../../../tuner/search/search.js';

const SPACE = Object.freeze(Array.from({ length: 40 }, (_, i) => `candidate ${i}`));

function drain<C>(search: Search<C>): C[] {
  const all: C[] = [];
  for (let candidate = search.next(); candidate !== undefined; candidate = search.next()) {
    all.push(candidate);
    search.tell(candidate, { kind: 'hung', reason: 'a test' });
  }
  return all;
}

describe.each(SEARCH_NAMES)('%s', (name) => {
  test('hands every candidate out once, and then no more', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.nat(), (space, seed) => {
        const search = createSearch(name, space, seed);
        expect(search.name).toBe(name);
        expect(drain(search).sort()).toEqual([...space].sort());
        expect(search.next()).toBeUndefined();
      }),
    );
  });

  test('repeats with its seed, whatever it is told', () => {
    const told = drain(createSearch(name, SPACE, 3));
    const untold = createSearch(name, SPACE, 3);
    expect(SPACE.map(() => untold.next())).toEqual(told);
  });
});

describe('createSearch', () => {
  test('exhaustive keeps the order of the space', () => {
    expect(drain(createSearch('exhaustive', SPACE, 9))).toEqual(SPACE);
  });

  test('random has an order of its own for each seed', () => {
    const orders = [1, 2, 3, 4].map((seed) => drain(createSearch('random', SPACE, seed)).join());
    expect(new Set([SPACE.join(), ...orders]).size).toBe(5);
  });

  test.each(['greedy', '', 'constructor', 'Random'])('refuses %o and lists what there is', (name) => {
    expect(() => createSearch(name, SPACE, 1)).toThrow(TunerError);
    expect(() => createSearch(name, SPACE, 1)).toThrow(
      expect.objectContaining({
        code: 'search-unknown',
        fault: 'user',
        message: `'${name}': a search is one of exhaustive, random; use --search exhaustive`,
      }),
    );
  });
});
