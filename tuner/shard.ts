import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';

/** A share of a list of problems: the `index`th of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The problems of a share, in the order of their names. Names are sorted and dealt out in turn: shares are disjoint, all of
 * them together are the list, whatever the order in which it was given, and they differ in length by one at most, as do
 * neighbours in the list, which are alike in size and kernel length. A hash of each name would not move problems when one
 * is added, but leaves shares of a short list empty or twice as long as others, and every machine is given one list.
 * @param problems each once
 */
export function shardOf(problems: readonly Problem[], { index, count }: Shard): readonly Problem[] {
  return problems
    .map((problem) => [problemName(problem), problem] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, problem]) => problem)
    .filter((_, i) => i % count === index - 1);
}
