import { LibraryError } from '../generator/library/errors.js';
import type { Problem } from '../generator/problem.js';
import type { Schedule } from '../generator/schedule.js';
import { incumbentKernel } from '../runtime/kernel_choice.js';
import type { Rig } from '../tuner/rig/rig.js';
import type { TunedProblem } from '../tuner/standing.js';
import { openStore, type Store } from '../tuner/store/store.js';
import { tune } from '../tuner/tune.js';
import { type RanOn, ranOn } from './device.js';
import type { Exit } from './errors.js';
import { type DeviceOptions, openDevices } from './gpus.js';
import { onInterruption } from './interruption.js';
import { knownKernels } from './known_kernels.js';
import { rigsOf } from './rig.js';
import { TuneProgress } from './tune_progress.js';
import type { Ui } from './ui.js';

export interface Tuning extends DeviceOptions {
  readonly db: string;
  readonly budget: number;
  readonly search: string;
  readonly seed: number;
  readonly more: boolean;
}

export interface Tuned extends RanOn {
  /** Numbers of the GPUs, where there were several. */
  readonly gpus?: readonly number[];
  readonly results: readonly TunedProblem[];
  /** Trials of this run. */
  readonly trials: number;
  /** The exit code that a signal asked for, if one ended it early. */
  readonly interrupted?: Exit;
}

/**
 * Tunes with a progress bar, on all GPUs of one model if the target is a GPU; Ctrl-C or SIGTERM ends it after the trials in hand.
 * @throws CliError, TunerError, StoreError
 */
export async function runTuning(problems: readonly Problem[], options: Tuning, ui: Ui): Promise<Tuned> {
  const { devices, leftOut } = openDevices(options);
  for (const line of leftOut) ui.note(line);
  const rigs = await rigsOf(devices);
  const gpus = devices.flatMap((device) => (device.kind === 'cuda' ? [device.index] : []));
  const store = openStore(options.db);
  const interruption = untilInterrupted(ui);
  const progress = new TuneProgress(ui, problems.length, gpus);
  try {
    const incumbent = incumbents(rigs[0]!, store, ui);
    const results = await tune(problems, {
      store,
      rigs,
      search: options.search,
      seed: options.seed,
      incumbent,
      seconds: options.budget,
      more: options.more,
      signal: interruption.signal,
      on: (event, number) => progress.on(event, number),
    });
    return {
      results,
      trials: progress.trials,
      ...ranOn(devices[0]!),
      ...(gpus.length > 1 && { gpus }),
      ...interruption.told(),
    };
  } finally {
    progress.stop();
    interruption.takeBack();
    store.close();
  }
}

/** What runs where a problem is not tuned. A tuning does without it where this package's library is damaged, and says so. */
function incumbents(rig: Rig, store: Store, ui: Ui): (problem: Problem) => Schedule | undefined {
  try {
    const known = knownKernels(rig, store);
    return (problem) => incumbentKernel(problem, known)?.schedule;
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    ui.note(`tuned without the published kernels: ${error.message}`);
    return () => undefined;
  }
}

interface Interruption {
  readonly signal: AbortSignal;
  /** What is to be said of it. */
  told(): Pick<Tuned, 'interrupted'>;
  takeBack(): void;
}

function untilInterrupted(ui: Ui): Interruption {
  const controller = new AbortController();
  let interrupted: Exit | undefined;
  const takeBack = onInterruption((exit) => {
    if (interrupted !== undefined) process.exit(exit);
    interrupted = exit;
    ui.note('ending after the trial in hand; what is finished is kept. Ctrl-C again ends at once');
    controller.abort();
  });
  const told = () => (interrupted === undefined ? {} : { interrupted });
  return { signal: controller.signal, told, takeBack };
}
