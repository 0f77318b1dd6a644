import type { Params } from './families/family.js';
import { type FamilyId, family } from './families/registry.js';
import type { Problem } from './problem.js';
import { type Schedule, schedule } from './schedule.js';
import type { Target } from './target.js';

/** More changes than these are another schedule. */
const MOST_CHANGES = 2;

/**
 * The legal schedule of a problem that is nearest to another problem's parameters: those themselves, else with as few of them
 * changed as need be, by as little, and of such the cheapest by static cost. Rules refuse what is idle or without effect,
 * as the order of the directions is where there is one direction, so that few parameters go over to another problem untouched.
 * Undefined if none is near.
 */
export function nearestSchedule(
  asked: Problem,
  target: Target,
  id: FamilyId,
  params: Params,
): Schedule | undefined {
  const axes = family(id).axes(asked, target);
  let round: readonly Params[] = [params];
  for (let changes = 0; changes <= MOST_CHANGES; changes++) {
    const legal = round.flatMap((one) => {
      const made = schedule(asked, target, id, one);
      return made.kind === 'schedule' ? [made] : [];
    });
    if (legal.length > 0) return nearestOf(legal, params);
    round = changed(round, params, axes);
  }
  return undefined;
}

/** Each with one more parameter changed, in the order of the names, so that none comes twice. */
function changed(
  round: readonly Params[],
  from: Params,
  axes: Readonly<Record<string, readonly number[]>>,
): readonly Params[] {
  const names = Object.keys(from);
  return round.flatMap((one) => {
    const last = names.findLastIndex((name) => one[name] !== from[name]);
    return names
      .slice(last + 1)
      .flatMap((name) =>
        (axes[name] ?? [])
          .filter((value) => value !== from[name])
          .map((value) => ({ ...one, [name]: value })),
      );
  });
}

function nearestOf(legal: readonly Schedule[], params: Params): Schedule {
  const ranked = legal.map((made) => ({
    made,
    distance: distance(made.params, params),
    cost: family(made.family).cost(made.problem, made.target, made.params),
  }));
  return ranked.toSorted((a, b) => a.distance - b.distance || a.cost - b.cost)[0]!.made;
}

/** Of sizes by their ratio: from 4 to 8 is as far as from 8 to 16. */
function distance(one: Params, other: Params): number {
  const apart = (name: string) => Math.abs(Math.log2((one[name]! + 1) / (other[name]! + 1)));
  return Object.keys(one).reduce((sum, name) => sum + apart(name), 0);
}
