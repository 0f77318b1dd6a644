import type { Problem } from '../generator/problem.js';
import type { TunedProblem } from '../tuner/standing.js';
import { openStore } from '../tuner/store/store.js';
import { tune } from '../tuner/tune.js';
import { type RanOn, ranOn } from './device.js';
import { type DeviceOptions, openDevices } from './gpus.js';
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
  /** By Ctrl-C. */
  readonly interrupted: boolean;
}

/**
 * Tunes with a progress bar, on all GPUs of one model if the target is a GPU; Ctrl-C ends it after the trials in hand.
 * @throws CliError, TunerError, StoreError
 */
export async function runTuning(problems: readonly Problem[], options: Tuning, ui: Ui): Promise<Tuned> {
  const { devices, leftOut } = openDevices(options);
  for (const line of leftOut) ui.note(line);
  const rigs = await rigsOf(devices);
  const gpus = devices.flatMap((device) => (device.kind === 'cuda' ? [device.index] : []));
  const store = openStore(options.db);
  const interrupt = onInterrupt(ui);
  const progress = new TuneProgress(ui, problems.length, gpus);
  try {
    const results = await tune(problems, {
      store,
      rigs,
      search: options.search,
      seed: options.seed,
      seconds: options.budget,
      more: options.more,
      signal: interrupt.signal,
      on: (event, number) => progress.on(event, number),
    });
    return {
      results,
      trials: progress.trials,
      ...ranOn(devices[0]!),
      ...(gpus.length > 1 && { gpus }),
      interrupted: interrupt.signal.aborted,
    };
  } finally {
    progress.stop();
    interrupt.dispose();
    store.close();
  }
}

function onInterrupt(ui: Ui): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const handler = () => {
    if (controller.signal.aborted) process.exit(1);
    ui.note('ending after the trial in hand; what is finished is kept. Ctrl-C again ends at once');
    controller.abort();
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    },
  };
}
