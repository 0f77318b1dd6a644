import { parseProblemName, splitKernelName } from './name.js';
import { nearestSchedule } from './nearest_schedule.js';
import type { Problem } from './problem.js';
import { parseKernelName, type Schedule } from './schedule.js';
import { space } from './space.js';
import type { Target } from './target.js';

/**
 * The schedule of a layer that was never tuned: the parameters of the kernel whose layer is most like it, as near as rules
 * allow, else the cheapest by static cost. Undefined where no kernel is legal.
 * @param tuned names of kernels that were tuned for the target
 */
export function untunedSchedule(
  problem: Problem,
  target: Target,
  tuned: readonly string[],
): Schedule | undefined {
  const like = tuned
    .map((name) => ({ name, layer: parseProblemName(splitKernelName(name).layer) }))
    .filter(({ layer }) => isLike(layer, problem))
    .toSorted((a, b) => distance(a.layer, problem) - distance(b.layer, problem));
  for (const { name } of like) {
    const known = parsed(name, target);
    const made = known && nearestSchedule(problem, target, known.family, known.params);
    if (made) return made;
  }
  return space(problem, target).candidates[0];
}

function parsed(name: string, target: Target): Schedule | undefined {
  try {
    return parseKernelName(name, target);
  } catch {
    return undefined; // of another version, or illegal here
  }
}

/** Whether what is fast for one may be for the other: they differ in size, channels and directions only. */
function isLike(one: Problem, other: Problem): boolean {
  return (
    one.op === other.op &&
    one.layout === other.layout &&
    one.dtype === other.dtype &&
    one.stride === other.stride &&
    one.filter === other.filter &&
    one.kernel === other.kernel &&
    one.angles.length > 1 === other.angles.length > 1
  );
}

/** By the size of the plane first: it decides how lines are cut into tiles. Channels only decide how many blocks there are. */
function distance(one: Problem, other: Problem): number {
  const apart = (a: number, b: number) => Math.abs(Math.log2(a / b));
  return (
    4 * (apart(one.height, other.height) + apart(one.width, other.width)) +
    apart(one.channels, other.channels)
  );
}
