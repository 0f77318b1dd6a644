import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TunerError } from '../../../tuner/errors.js';
import type { Outcome } from '../../../tuner/outcome.js';
import { createSearch, DEFAULT_SEARCH, SEARCH_NAMES } from '../../../tuner/search/registry.js';
import type { Choice } from '../../../tuner/search/terrain.js';
import { drain, FAILED, grid, terrains } from '../../support/terrain.js';
import { took } from '../../support/trials.js';

const RUNS = { numRuns: 60 };
const SPACE = grid(
  { tile: [1, 2, 4, 7, 14], lanes: [8, 16, 32], fold: [0, 1] },
  ({ params }) => params.tile!,
);

const inFlight = fc.integer({ min: 1, max: 20 });
/** Some pass, some fail, and some are never told of. */
const outcomes = fc.func(
  fc.oneof(fc.integer({ min: 1, max: 1000 }).map(took), fc.constantFrom(FAILED, undefined)),
);

describe.each(SEARCH_NAMES)('%s', (name) => {
  test('hands every candidate out once and no other, whatever it is told and whenever', () => {
    fc.assert(
      fc.property(terrains, fc.nat(), inFlight, outcomes, (terrain, seed, flight, outcome) => {
        const search = createSearch(name, terrain, seed);
        expect(search.name).toBe(name);
        const all = drain(search, outcome, flight);
        expect(all.length).toBe(terrain.candidates.length);
        expect(new Set(all)).toEqual(new Set(terrain.candidates));
        expect(search.next()).toBeUndefined();
      }),
      RUNS,
    );
  });

  test('repeats with its seed and what it is told', () => {
    fc.assert(
      fc.property(terrains, fc.nat(), inFlight, outcomes, (terrain, seed, flight, outcome) => {
        const run = () => drain(createSearch(name, terrain, seed), outcome, flight);
        expect(run()).toEqual(run());
      }),
      RUNS,
    );
  });

  test('begins with the default, then the cheapest of each other family', () => {
    fc.assert(
      fc.property(terrains, fc.nat(), (terrain, seed) => {
        const families = [...new Set(terrain.candidates.map(({ family }) => family))];
        const first = families.map((id) => terrain.candidates.find(({ family }) => family === id));
        expect(drain(createSearch(name, terrain, seed), () => FAILED).slice(0, families.length)).toEqual(
          first,
        );
      }),
      RUNS,
    );
  });

  test('tries an incumbent after the default, and once', () => {
    fc.assert(
      fc.property(terrains, fc.nat(), fc.nat(), (terrain, seed, at) => {
        const incumbent = terrain.candidates[at % terrain.candidates.length]!;
        const all = drain(createSearch(name, terrain, seed, incumbent), () => FAILED);
        expect(all.indexOf(incumbent)).toBeLessThanOrEqual(1);
        expect(all.length).toBe(terrain.candidates.length);
        expect(new Set(all).size).toBe(all.length);
      }),
      RUNS,
    );
  });

  test('tries an incumbent that is no candidate, and learns nothing of it', () => {
    const stranger = { family: 'direct', params: { tile: 3, lanes: 5, fold: 7 } };
    const all = drain(createSearch(name, SPACE, 1, stranger), () => took(1));
    expect(all[1]).toBe(stranger);
    expect(new Set(all)).toEqual(new Set([...SPACE.candidates, stranger]));
    const others = drain(createSearch(name, SPACE, 1), () => took(1));
    expect(all.filter((one) => one !== stranger)).toEqual(others);
  });

  test('takes word of candidates that it did not hand out', () => {
    const search = createSearch(name, SPACE, 1);
    for (const one of SPACE.candidates.slice(10)) search.tell(one, took(5));
    const all = drain(search, () => took(9));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(SPACE.candidates.slice(0, 10)));
  });
});

/** How many trials a search needs to find the one fastest of the space, where no cost says anything. */
function trialsToFind(name: string, seed: number): number {
  const blind = grid({ tile: [1, 2, 4, 8, 16, 32], lanes: [1, 2, 4, 8, 16], rows: [1, 2, 4, 8] }, () => 1);
  const away = ({ params }: Choice) =>
    Math.abs(Math.log2(params.tile! / 16)) +
    Math.abs(Math.log2(params.lanes! / 4)) +
    Math.abs(Math.log2(params.rows! / 4));
  const outcome = (one: Choice): Outcome => took(100 * (1 + 0.2 * away(one)));
  const all = drain(createSearch(name, blind, seed), outcome);
  return 1 + all.findIndex((one) => away(one) === 0);
}

test('searches that learn find the bottom of a bowl in two thirds of the trials that chance needs, or fewer', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const chance = (6 * 5 * 4 + 1) / 2;
  for (const name of ['climb', 'evolve', 'model']) {
    const trials = seeds.reduce((sum, seed) => sum + trialsToFind(name, seed), 0);
    expect(trials / seeds.length, name).toBeLessThan((2 / 3) * chance);
  }
});

describe('createSearch', () => {
  test('exhaustive keeps the order of the space', () => {
    expect(drain(createSearch('exhaustive', SPACE, 9), () => undefined)).toEqual(SPACE.candidates);
  });

  test('random has an order of its own for each seed', () => {
    const orders = [1, 2, 3, 4].map((seed) =>
      JSON.stringify(drain(createSearch('random', SPACE, seed), () => undefined)),
    );
    expect(new Set([JSON.stringify(SPACE.candidates), ...orders]).size).toBe(5);
  });

  test.each(['greedy', '', 'constructor', 'Random'])('refuses %o and lists what there is', (name) => {
    expect(() => createSearch(name, SPACE, 1)).toThrow(TunerError);
    expect(() => createSearch(name, SPACE, 1)).toThrow(
      expect.objectContaining({
        code: 'search-unknown',
        fault: 'user',
        message: `'${name}': a search is one of ${SEARCH_NAMES.join(', ')}; use --search ${DEFAULT_SEARCH}`,
      }),
    );
  });
});
