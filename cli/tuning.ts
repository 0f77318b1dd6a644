import type { Problem } from '../generator/problem.js';
import type { TuneEvent } from '../tuner/event.js';
import type { TunedProblem } from '../tuner/standing.js';
import { openStore } from '../tuner/store/store.js';
import { tune } from '../tuner/tune.js';
import { openDevice, type RanOn, ranOn } from './device.js';
import { rigOf } from './rig.js';
import { shortName } from './tune_table.js';
import type { Progress, Ui } from './ui.js';
import { microseconds } from './words.js';

export interface Tuning {
  readonly target: string;
  readonly db: string;
  readonly budget: number;
  readonly search: string;
  readonly seed: number;
  readonly threads?: number;
  readonly more: boolean;
}

export interface Tuned extends RanOn {
  readonly results: readonly TunedProblem[];
  /** Trials of this run. */
  readonly trials: number;
  /** By Ctrl-C. */
  readonly interrupted: boolean;
}

/** Tunes with a progress bar; Ctrl-C ends it after the trial in hand. @throws CliError, TunerError, StoreError */
export async function runTuning(problems: readonly Problem[], options: Tuning, ui: Ui): Promise<Tuned> {
  const device = openDevice(options.target, options.threads);
  const rig = await rigOf(device);
  const store = openStore(options.db);
  const interrupt = onInterrupt(ui);
  const progress = new TuneProgress(ui, problems.length);
  try {
    const results = await tune(problems, {
      store,
      rig,
      search: options.search,
      seed: options.seed,
      seconds: options.budget,
      more: options.more,
      signal: interrupt.signal,
      on: (event) => progress.on(event),
    });
    return {
      results,
      trials: progress.trials,
      ...ranOn(device),
      interrupted: interrupt.signal.aborted,
    };
  } finally {
    progress.stop();
    interrupt.dispose();
    store.close();
  }
}

/** One bar over the problems; its words say what is under way and what is best so far. */
class TuneProgress {
  trials = 0;
  readonly #ui: Ui;
  readonly #problems: number;
  #bar: Progress | undefined;
  #best = Number.POSITIVE_INFINITY;
  #name = '';

  constructor(ui: Ui, problems: number) {
    this.#ui = ui;
    this.#problems = problems;
  }

  on(event: TuneEvent): void {
    if (event.kind === 'problem') this.#take(event);
    if (event.kind === 'trial') {
      this.trials++;
      if (event.outcome.kind === 'ok') this.#best = Math.min(this.#best, event.outcome.measurement.median);
    }
    if (event.kind === 'no-final') this.#ui.note(`${this.#name}: ${words(event)}`);
    const best = Number.isFinite(this.#best) ? `, best ${microseconds(this.#best)}` : '';
    const line = `${this.#name}: ${words(event)}${best}`;
    if (event.kind === 'tuned') this.#bar!.step(line);
    else this.#bar!.say(line);
  }

  stop(): void {
    this.#bar?.stop();
  }

  #take({ problem, count }: TuneEvent & { kind: 'problem' }): void {
    if (!this.#bar && count < this.#problems)
      this.#ui.note(`${this.#problems - count} of ${this.#problems} problems are tuned already`);
    this.#bar ??= this.#ui.progress('tuning', count);
    this.#best = Number.POSITIVE_INFINITY;
    this.#name = shortName(problem);
  }
}

function words(event: TuneEvent): string {
  switch (event.kind) {
    case 'problem':
      return 'looking for candidates';
    case 'building':
      return `building ${event.kernels} kernels`;
    case 'trial':
      return event.outcome.kind === 'ok' ? 'trying' : `${event.outcome.kind}: ${event.outcome.reason}`;
    case 'final':
      return `final of ${event.kernels} kernels`;
    case 'no-final':
      return `no final: ${event.reason}`;
    case 'tuned':
      return `${event.result.trials} trials`;
    default:
      return event satisfies never;
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
