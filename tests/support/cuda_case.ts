import fc from 'fast-check';
import { type FamilyId, family } from '../../generator/families/registry.js';
import { type Op, PAPER_ANGLES, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { cpuTarget, parseTarget } from '../../generator/target.js';
import { anyLayer } from './arbitrary.js';
import { mostVaried } from './most_varied.js';

const TARGET = parseTarget('cuda:sm_90', cpuTarget('plain'));
/** More than any family has. */
const AXES = 16;

/** What few random layers are like: channels in fours and more, small planes, eight directions, lines of unlike lengths, rows and columns alone. */
const LIKELY: readonly Partial<ProblemSpec>[] = [
  {},
  {},
  { channels: 32, angles: [22.5, 90] },
  { channels: 16, angles: [135] },
  { channels: 64, angles: PAPER_ANGLES, height: 14, width: 9 },
  { channels: 36, angles: [0, 67.5], height: 7, width: 7 },
  { channels: 16, angles: [157.5, 67.5], height: 28, width: 9 },
  { channels: 64, angles: [0] },
  { channels: 32, angles: [90] },
];

/**
 * `count` different legal kernels of a family for small random layers, the same for the same seed. Parameters have values
 * of the family's own axes; each kernel is the one, among many, that has the most values which those before it have not.
 * @param tries random parameters for each kernel
 * @param make makes a layer's problem
 * @param longest characters of a kernel's text
 */
export function someCudaKernels(
  id: FamilyId,
  count: number,
  seed: number,
  ops: readonly Op[] = ['fprop'],
  tries = 80,
  make = problem,
  longest = Number.POSITIVE_INFINITY,
): readonly Schedule[] {
  const anyCase = fc.tuple(
    anyLayer,
    fc.constantFrom(...LIKELY),
    fc.array(fc.nat(), { minLength: AXES, maxLength: AXES }),
  );
  const found = new Map<string, Schedule>();
  for (const [i, [spec, change, picks]] of fc.sample(anyCase, { seed, numRuns: tries * count }).entries()) {
    const p = make({ ...spec, ...change, op: ops[i % ops.length]! });
    const params = Object.fromEntries(
      Object.entries(family(id).axes(p, TARGET)).map(([key, values], axis) => [
        key,
        values[picks[axis]! % values.length]!,
      ]),
    );
    const made = schedule(p, TARGET, id, params);
    if (made.kind === 'schedule') found.set(made.name, made);
  }
  return mostVaried([...found.values()], count, longest);
}
