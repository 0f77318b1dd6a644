import type { Program } from '../program.js';
import { runs } from '../runs.js';
import type { Printable } from '../template.js';
import { chunked } from '../text.js';
import type { Test } from './cuda_text.js';

// How the NCHW families' tiles meet the edge. A load and its multiply-adds happen only where the load is inside: a short
// condition costs nothing but its predicate, which all loads of the same line and tile have in common. Other loads select
// zero: behind a long condition there would be a branch, and a test that one load has alone would hold one of seven
// predicates until its last multiply-add, so that few loads could be on their way.

/** A load of a tile: what must hold, what is read, and the multiply-adds that it is for. */
export interface GuardedLoad {
  readonly tests: readonly Test[];
  readonly read: string;
  readonly uses: readonly string[];
}

/** Multiply-adds that nvcc still predicates together with their load. */
const PREDICATED = 7;
const PER_LINE = 4;

/**
 * The axis on which lanes of a warp have the same place, mostly: tiles of steep lines are taken column by column. A band's
 * rows are tested one by one.
 */
export function uniformAxis({ tile }: Program, banded: boolean): 'y' | undefined {
  return tile.major === 'y' && !banded ? 'y' : undefined;
}

/**
 * What cuda/guarded_loads prints: runs of loads that have a test of the `uniform` axis in common. It is a branch around them
 * all, which warps skip whose lanes agree; where lanes of a warp differ no warp could, and there is one run of all loads.
 */
export function guardedGroups(
  loads: readonly GuardedLoad[],
  zero: string,
  uniform: 'y' | 'x' | undefined,
): readonly Printable[] {
  const isShared = ({ axis }: Test) => axis !== undefined && axis === uniform;
  const shared = ({ tests }: GuardedLoad) => conjunction(tests.filter(isShared));
  return runs(loads, shared).map(({ key: test, items }) => {
    const own = items.map((load) => ({ ...load, tests: load.tests.filter((one) => !isShared(one)) }));
    return { test, guarded: test !== '', loads: separate(own.map((load) => loadText(load, own, zero))) };
  });
}

/** That all of them hold; nothing where there is none. */
export function conjunction(tests: readonly Test[]): string {
  return tests.map(({ name }) => name).join(' && ');
}

type LoadText = Readonly<{ guarded: boolean; test: string; rows: readonly string[] }>;

/** @param beside the loads of its run, and itself */
function loadText(
  { tests, read, uses }: GuardedLoad,
  beside: readonly GuardedLoad[],
  zero: string,
): LoadText {
  const test = conjunction(tests);
  const sharing = beside.filter((other) => conjunction(other.tests) === test).length;
  const guarded = test !== '' && sharing > 1 && uses.length <= PREDICATED;
  const value = guarded || test === '' ? read : `${test} ? ${read} : ${zero}`;
  return { guarded, test, rows: [`v = ${value};`, ...chunked(uses, PER_LINE, '  ')] };
}

/** `again`: a compiler would make one condition of two that are the same and stand side by side. */
function separate(loads: readonly LoadText[]): readonly Printable[] {
  return loads.map((load, i) => {
    const before = loads[i - 1];
    return { ...load, again: load.guarded && before?.guarded === true && before.test === load.test };
  });
}
