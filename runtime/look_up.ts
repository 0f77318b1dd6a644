import type { KernelEntry } from '../generator/library/entry.js';
import { parseProblemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';

/** A kernel with the problem of its layer. */
interface Served {
  readonly problem: Problem;
  readonly entry: KernelEntry;
}

/**
 * Finds the kernel of a problem without making its name, which costs more than all the rest. Never changed once it is
 * made, so that it needs no lock.
 */
export class LookUp {
  readonly #targets = new Map<string, Map<number, Served[]>>();

  /** @throws ProblemError if an entry's layer is no layer's name */
  constructor(entries: Iterable<KernelEntry>) {
    for (const entry of entries) {
      const served = { problem: parseProblemName(entry.layer), entry };
      const buckets = this.#targets.get(entry.target) ?? new Map<number, Served[]>();
      this.#targets.set(entry.target, buckets);
      const bucket = buckets.get(bucketOf(served.problem));
      if (bucket) bucket.push(served);
      else buckets.set(bucketOf(served.problem), [served]);
    }
  }

  /** The kernel that serves a problem on a target, whatever the batch. */
  find(problem: Problem, target: string): KernelEntry | undefined {
    const bucket = this.#targets.get(target)?.get(bucketOf(problem));
    if (bucket) for (const served of bucket) if (isLayer(served.problem, problem)) return served.entry;
    return undefined;
  }
}

/** Equal for problems of one layer, and seldom for others: a hash of the numbers that tell layers apart most often. */
function bucketOf({ height, width, stride, kernel, channels, angles }: Problem): number {
  const size = Math.imul(Math.imul(height, 31) + width, 31) + stride;
  return (
    Math.imul(Math.imul(Math.imul(size, 31) + kernel, 31) + channels, 31) +
    Math.imul(angles.length, 1009) +
    8 * (angles[0] ?? 0)
  );
}

function isLayer(a: Problem, b: Problem): boolean {
  return (
    a.height === b.height &&
    a.width === b.width &&
    a.stride === b.stride &&
    a.kernel === b.kernel &&
    a.filter === b.filter &&
    a.channels === b.channels &&
    a.op === b.op &&
    a.layout === b.layout &&
    a.dtype === b.dtype &&
    areEqual(a.angles, b.angles)
  );
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
