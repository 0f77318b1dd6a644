import type { Params } from './families/family.js';
import { FAMILY_IDS, type FamilyId, family } from './families/registry.js';
import type { Problem } from './problem.js';
import { type Refusal, type Schedule, schedule } from './schedule.js';
import type { Target } from './target.js';

/** Every legal schedule of a problem on a target, cheapest first by the families' static cost, and what was refused. */
export interface Space {
  readonly kind: 'space';
  readonly problem: Problem;
  readonly target: Target;
  /** The first one is the default: what an untuned layer gets. */
  readonly candidates: readonly Schedule[];
  /** The static cost of each, in their order. */
  readonly costs: readonly number[];
  /** Refused schedules, counted by rule. */
  readonly refused: ReadonlyMap<string, number>;
}

export function space(problem: Problem, target: Target): Space {
  const legal: { schedule: Schedule; cost: number }[] = [];
  const refused = new Map<string, number>();
  for (const id of FAMILY_IDS) {
    if (family(id).target !== target.kind) continue;
    for (const params of product(id, problem, target)) {
      const made = schedule(problem, target, id, params);
      if (made.kind === 'schedule') {
        legal.push({ schedule: made, cost: family(id).cost(problem, target, params) });
      } else {
        refused.set(made.rule, (refused.get(made.rule) ?? 0) + 1);
      }
    }
  }
  legal.sort((a, b) => a.cost - b.cost || (a.schedule.name < b.schedule.name ? -1 : 1));
  return Object.freeze({
    kind: 'space',
    problem,
    target,
    candidates: Object.freeze(legal.map((entry) => entry.schedule)),
    costs: Object.freeze(legal.map((entry) => entry.cost)),
    refused,
  });
}

/**
 * Whether a problem has kernels at all, without listing them: a legal schedule, or else the refusal of one that came
 * furthest through its family's rules, which says what stands in the way. Undefined where no family is for the target.
 */
export function anyCandidate(problem: Problem, target: Target): Schedule | Refusal | undefined {
  let closest: { refusal: Refusal; passed: number } | undefined;
  for (const id of FAMILY_IDS) {
    if (family(id).target !== target.kind) continue;
    const rules = family(id).rules.map((rule) => rule.id);
    for (const params of product(id, problem, target)) {
      const made = schedule(problem, target, id, params);
      if (made.kind === 'schedule') return made;
      const at = rules.indexOf(made.rule);
      const passed = at < 0 ? rules.length : at; // the length of a name is looked at last
      if (!closest || passed > closest.passed) closest = { refusal: made, passed };
    }
  }
  return closest?.refusal;
}

/** All combinations of the family's axes; those that differ in the last axis alone follow one another. */
function* product(id: FamilyId, problem: Problem, target: Target): Generator<Params> {
  const axes = Object.entries(family(id).axes(problem, target));
  const all = axes.reduce((count, [, values]) => count * values.length, 1);
  for (let i = 0; i < all; i++) {
    const params: Record<string, number> = {};
    let each = all;
    for (const [name, values] of axes) {
      each /= values.length;
      params[name] = values[Math.floor(i / each) % values.length]!;
    }
    yield Object.freeze(params);
  }
}
