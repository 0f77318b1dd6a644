import fc from 'fast-check';
import { type FamilyId, family } from '../../generator/families/registry.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { cpuTarget, parseTarget } from '../../generator/target.js';
import { anyLayer } from './arbitrary.js';

const TARGET = parseTarget('cuda:sm_90', cpuTarget('plain'));
/** More than any family has. */
const AXES = 16;

/**
 * `count` different legal kernels of a family for small random layers, the same for the same seed. Values come from the
 * family's own axes; wide vectors need channels in fours, which are asked for now and then.
 */
export function someCudaKernels(id: FamilyId, count: number, seed: number): readonly Schedule[] {
  const anyCase = fc.tuple(
    anyLayer,
    fc.constantFrom<Partial<ProblemSpec>>(
      {},
      {},
      { channels: 32, angles: [22.5, 90] },
      { channels: 16, angles: [135] },
    ),
    fc.array(fc.nat(), { minLength: AXES, maxLength: AXES }),
  );
  const found = new Map<string, Schedule>();
  for (const [spec, change, picks] of fc.sample(anyCase, { seed, numRuns: 40 * count })) {
    if (found.size === count) break;
    const p = problem({ ...spec, ...change });
    const params = Object.fromEntries(
      Object.entries(family(id).axes(p, TARGET)).map(([key, values], i) => [
        key,
        values[picks[i]! % values.length]!,
      ]),
    );
    const made = schedule(p, TARGET, id, params);
    if (made.kind === 'schedule') found.set(made.name, made);
  }
  return [...found.values()];
}
