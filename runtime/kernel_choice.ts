import type { KernelEntry } from '../generator/library/entry.js';
import { memoize } from '../generator/memo.js';
import { problemName } from '../generator/name.js';
import { nearestSchedule } from '../generator/nearest_schedule.js';
import { PAPER_ANGLES, type Problem, problem } from '../generator/problem.js';
import { parseKernelName, type Schedule } from '../generator/schedule.js';
import { space } from '../generator/space.js';
import { type Target, targetName } from '../generator/target.js';
import { computedAs } from '../generator/transpose.js';
import { candidates } from './cuda/candidates.js';
import type { KernelLibrary } from './library.js';

/**
 * Where a kernel's schedule comes from: the winner of this machine's database, the published library, the parameters of the
 * layer of the paper's eight angles or the nearest that are legal, or the default, which is cheapest by the families' static
 * cost. Only the first two were chosen by measuring that very layer.
 */
export type KernelOrigin = 'tuned' | 'published' | 'transferred' | 'default';

export interface KernelChoice {
  readonly problem: Problem;
  readonly schedule: Schedule;
  readonly origin: KernelOrigin;
  /** The library's entry, where it is the library's kernel. */
  readonly entry?: KernelEntry;
}

/** What there is to choose from. */
export interface Kernels {
  readonly target: Target;
  readonly library: KernelLibrary;
  /** The name of the kernel that won on this machine, with this toolchain; undefined where none was tuned. */
  tuned(problem: Problem): string | undefined;
}

/**
 * The kernel of a problem, without a search: a layer of one angle that was not tuned takes the parameters of the layer of all
 * eight, see {@link nearestSchedule}. Undefined where no kernel is legal.
 */
export function chooseKernel(asked: Problem, kernels: Kernels): KernelChoice | undefined {
  const incumbent = incumbentKernel(asked, kernels);
  if (incumbent) return incumbent;
  const computed = computedAs(asked);
  const byDefault =
    near(computed, defaultOf(wholeOf(computed), kernels.target), 'default') ??
    near(computed, defaultOf(computed, kernels.target), 'default');
  return byDefault && { ...byDefault, problem: asked };
}

/** The same without a default: undefined where neither the layer nor that of all eight angles was measured. */
export function incumbentKernel(asked: Problem, kernels: Kernels): KernelChoice | undefined {
  const computed = computedAs(asked);
  const found =
    knownKernel(computed, kernels) ??
    near(computed, knownKernel(wholeOf(computed), kernels)?.schedule, 'transferred');
  return found && { ...found, problem: asked };
}

/** The layer of all eight angles; a square filter has none. */
function wholeOf(layer: Problem): Problem {
  return layer.filter === 'square' ? layer : problem({ ...layer, angles: PAPER_ANGLES });
}

type Known = Omit<KernelChoice, 'problem'>;

function knownKernel(computed: Problem, { target, library, tuned }: Kernels): Known | undefined {
  const won = tuned(computed);
  if (won !== undefined) return { schedule: parseKernelName(won, target, computed.batch), origin: 'tuned' };
  const entry = publishedEntry(computed, target, library);
  if (!entry) return undefined;
  try {
    return { schedule: parseKernelName(entry.name, target, computed.batch), origin: 'published', entry };
  } catch {
    return undefined; // of another version, or illegal here
  }
}

function publishedEntry(computed: Problem, target: Target, library: KernelLibrary): KernelEntry | undefined {
  switch (target.kind) {
    case 'cpu':
      return library.find(computed, targetName(target));
    case 'cuda':
      return candidates(library, computed, target)[0]?.entry;
    default:
      return target satisfies never;
  }
}

function near(computed: Problem, to: Schedule | undefined, origin: KernelOrigin): Known | undefined {
  const made = to && nearestSchedule(computed, to.target, to.family, to.params);
  return made && { schedule: made, origin };
}

/** Listing a space takes a second, and the layers of a cell share it. */
const defaults = memoize(
  (layer: Problem, target: Target) => `${problemName(layer)} ${targetName(target)}`,
  (layer: Problem, target: Target) => ({ first: space(layer, target).candidates[0] }),
);

function defaultOf(layer: Problem, target: Target): Schedule | undefined {
  return defaults(layer, target).first;
}
