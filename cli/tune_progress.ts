import type { TuneEvent } from '../tuner/event.js';
import { shortName } from './tune_table.js';
import type { Progress, Ui } from './ui.js';
import { counted, microseconds } from './words.js';

/** What a device of several is doing. */
interface Lane {
  /** `GPU 1, `; empty where there is one device. */
  readonly device: string;
  name: string;
  /** Microseconds. */
  best: number;
}

/** One bar over the problems, whose words say what is under way and what is best so far; of several GPUs each has a line. */
export class TuneProgress {
  trials = 0;
  readonly #ui: Ui;
  readonly #problems: number;
  readonly #lanes: readonly Lane[];
  #bar: Progress | undefined;

  /** @param gpus numbers of those that tune */
  constructor(ui: Ui, problems: number, gpus: readonly number[]) {
    this.#ui = ui;
    this.#problems = problems;
    const devices = gpus.length > 1 ? gpus.map((gpu) => `GPU ${gpu}, `) : [''];
    this.#lanes = devices.map((device) => ({ device, name: '', best: Number.POSITIVE_INFINITY }));
  }

  /** @param number of the device that it comes from, among those that tune */
  on(event: TuneEvent, number: number): void {
    const lane = this.#lanes[number]!;
    if (event.kind === 'problem') this.#take(event, lane);
    if (event.kind === 'trial') {
      this.trials++;
      if (event.outcome.kind === 'ok') lane.best = Math.min(lane.best, event.outcome.measurement.median);
    }
    const said = `${lane.device}${lane.name}: ${words(event)}`;
    if (event.kind === 'no-final' || event.kind === 'stale') this.#ui.note(said);
    const line = Number.isFinite(lane.best) ? `${said}, best ${microseconds(lane.best)}` : said;
    if (event.kind === 'tuned') this.#bar!.step(line);
    this.#bar!.say(line, number);
  }

  stop(): void {
    this.#bar?.stop();
  }

  #take({ problem, count }: TuneEvent & { kind: 'problem' }, lane: Lane): void {
    if (!this.#bar && count < this.#problems)
      this.#ui.note(`${this.#problems - count} of ${this.#problems} problems are tuned already`);
    this.#bar ??= this.#ui.progress('tuning', count, this.#lanes.length);
    lane.best = Number.POSITIVE_INFINITY;
    lane.name = shortName(problem);
  }
}

function words(event: TuneEvent): string {
  switch (event.kind) {
    case 'problem':
      return 'looking for candidates';
    case 'stale':
      return `tuned again, since what is known of it is stale: ${event.reasons.join('; ')}`;
    case 'building':
      return `building ${event.kernels} kernels`;
    case 'trial':
      return event.outcome.kind === 'ok' ? 'trying' : `${event.outcome.kind}: ${event.outcome.reason}`;
    case 'final':
      return `final of ${event.kernels} kernels`;
    case 'no-final':
      return `no final: ${event.reason}`;
    case 'tuned':
      return counted(event.result.trials, 'trial');
    default:
      return event satisfies never;
  }
}
