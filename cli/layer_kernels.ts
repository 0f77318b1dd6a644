import type { Problem } from '../generator/problem.js';
import { DEFAULT_SEARCH } from '../tuner/search/registry.js';
import type { BenchOptions } from './bench.js';
import { contestants } from './bench_kernels.js';
import { type ChosenKernel, chosenKernels } from './chosen_kernels.js';
import type { Device } from './device.js';
import { CliError, type Exit } from './errors.js';
import { computedProblems } from './problem_options.js';
import { DEFAULT_DB } from './store_option.js';
import { assertTunable } from './tunable.js';
import { runTuning } from './tuning.js';
import type { Ui } from './ui.js';

/** What `bench layers` times, unless somebody ended the tuning. */
type Chosen = { readonly kernels: readonly ChosenKernel[] } | { readonly interrupted: Exit };

const TUNING = { search: DEFAULT_SEARCH, seed: 1, more: false } as const;

/**
 * The kernels of problems: those that are known, or winners, for which what is not tuned yet is tuned.
 * @throws CliError if a problem has none, or its tensors do not fit; DeviceError, StoreError
 */
export async function layerKernels(
  problems: readonly Problem[],
  options: BenchOptions,
  device: Device,
  ui: Ui,
): Promise<Chosen> {
  const { db = DEFAULT_DB, budget = 80 } = options;
  const computed = computedProblems(problems, ui);
  assertTunable(computed, device.target);
  if (options.known) return { kernels: [...(await chosenKernels(problems, device, db, ui)).values()] };
  const threads = device.kind === 'cpu' ? { threads: device.threads } : {};
  const tuned = await runTuning(computed, { ...options, budget, db, ...threads, ...TUNING }, ui);
  if (tuned.interrupted) return { interrupted: tuned.interrupted };
  const made = await contestants(problems, tuned, device);
  return { kernels: made.map((contestant) => ({ contestant, origin: 'tuned' })) };
}

/** @throws CliError for a budget of what is not tuned */
export function assertBudgetUsed({ known, budget }: BenchOptions): void {
  if (!known || budget === undefined) return;
  throw new CliError({
    code: 'bench-known',
    value: '--budget',
    rule: 'with --known nothing is tuned, and there is nothing to spend it on',
    remedy: 'leave out one of both',
  });
}
