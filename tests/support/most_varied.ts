import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';

/** Characters of a text. Longer ones take seconds to compile: they have more taps and directions, each by the same rules. */
export const LONGEST_TEXT = 24_000;

/**
 * So many of these kernels, in turn the one that has the most values of parameters and layer which those before it have not.
 * @param longest characters of a kernel's text
 * @param more other values of a kernel
 */
export function mostVaried(
  kernels: readonly Schedule[],
  count: number,
  longest = Number.POSITIVE_INFINITY,
  more: (kernel: Schedule) => readonly string[] = () => [],
): readonly Schedule[] {
  const found: Schedule[] = [];
  const seen = new Set<string>();
  const left = new Map(kernels.map((kernel) => [kernel, [...valuesOf(kernel), ...more(kernel)]]));
  while (found.length < count && left.size > 0) {
    const [next, values] = mostUnseen(left, seen);
    left.delete(next);
    if (longest < Number.POSITIVE_INFINITY && source(next).text.length > longest) continue;
    found.push(next);
    for (const value of values) seen.add(value);
  }
  return found;
}

type Valued = readonly [kernel: Schedule, values: readonly string[]];

function mostUnseen(left: ReadonlyMap<Schedule, readonly string[]>, seen: ReadonlySet<string>): Valued {
  const unseen = ([, values]: Valued) => values.filter((value) => !seen.has(value)).length;
  return [...left].reduce((best, one) => (unseen(one) > unseen(best) ? one : best));
}

function valuesOf({ problem: { op, stride, kernel }, params }: Schedule): readonly string[] {
  return Object.entries({ ...params, op, stride, kernel }).map(([key, value]) => `${key} ${value}`);
}
