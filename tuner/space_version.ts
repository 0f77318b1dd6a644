import { FAMILY_IDS, family } from '../generator/families/registry.js';
import { sha256 } from '../generator/hash.js';
import type { Problem } from '../generator/problem.js';
import type { Target } from '../generator/target.js';

/** Hexadecimal digits of a version. */
const DIGITS = 12;

/**
 * The version of a problem's schedule space: another one as soon as a family is added, an axis gets other values, or a
 * rule comes or goes. What a kernel's text is has its own hash. A final tells the best of the schedules that there were, so
 * that it holds for one version; trials hold for all.
 */
export function spaceVersion(problem: Problem, target: Target): string {
  const families = FAMILY_IDS.filter((id) => family(id).target === target.kind).map((id) => ({
    id,
    axes: family(id).axes(problem, target),
    rules: family(id).rules.map((rule) => rule.id),
  }));
  return sha256(JSON.stringify(families)).slice(0, DIGITS);
}
