import type { Problem } from '../generator/problem.js';
import { type Source, source } from '../generator/source.js';
import { type Target, targetName } from '../generator/target.js';
import { untunedSchedule } from '../generator/untuned.js';
import type { KernelLibrary } from './library.js';

/**
 * The source of a kernel for a layer that a library has none for, see {@link untunedSchedule}. Undefined where no kernel but
 * the general one is legal. It brings the templates along, which a program that runs a library only need not load.
 */
export function untunedSource(
  problem: Problem,
  target: Target,
  library: KernelLibrary | undefined,
): Source | undefined {
  const kernels = library ? Object.values(library.kernels) : [];
  const tuned = kernels.filter((entry) => entry.target === targetName(target)).map(({ name }) => name);
  const schedule = untunedSchedule(problem, target, tuned);
  return schedule && source(schedule);
}
