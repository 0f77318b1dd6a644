import { MultiBar, Presets } from 'cli-progress';
import Table from 'cli-table3';
import colors from 'picocolors';
import { atEnd } from '../runtime/at_end.js';

/** A stream that text goes to; a terminal also says so, and whether it shows colours (it honours NO_COLOR). */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

export interface Streams {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Where a long command is. Ended by stop(), whatever happened. */
export interface Progress {
  /** One more of the total is done. @param detail a few words on it */
  step(detail?: string): void;
  /** What is under way, in a few words; shown on a terminal only. @param lane who says so, of several side by side */
  say(detail: string, lane?: number): void;
  stop(): void;
}

/**
 * How a command talks. Its result is not said here but returned (see command.ts): stdout is for results, everything
 * said on the way goes to stderr.
 */
export class Ui {
  readonly json: boolean;
  /** Colours for the result; they do nothing where stdout is no terminal. */
  readonly paint: ReturnType<typeof colors.createColors>;
  readonly #streams: Streams;
  /** Writes a line above the bar that is shown. */
  #above: ((line: string) => void) | undefined;

  constructor(streams: Streams, { json }: { readonly json: boolean }) {
    this.json = json;
    this.#streams = streams;
    this.paint = colors.createColors(streams.stdout.hasColors?.() ?? false);
  }

  /** One line on stderr, above a bar that is shown. */
  note(line: string): void {
    if (this.#above) this.#above(line);
    else this.#streams.stderr.write(`${line}\n`);
  }

  /**
   * A bar on a terminal; elsewhere a line for each tenth, so that a log stays readable.
   * @param lanes what goes on side by side: more than one have a line each below the bar
   */
  progress(label: string, total: number, lanes = 1): Progress {
    const { stderr } = this.#streams;
    if (!stderr.isTTY) return lines((line) => this.note(line), label, total);
    const stream = stderr as NodeJS.WriteStream;
    const shown = bars(stream, { label, total, lanes });
    this.#above = shown.above;
    const stop = () => {
      this.#above = undefined;
      shown.stop();
    };
    return untilEnd({ ...shown, stop });
  }

  /** Columns under a head, without boxes. Cells may hold colours and line breaks. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
    const table = new Table({
      head: head.map((title) => this.paint.bold(title)),
      chars: BLANK_EDGES,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    table.push(...rows.map((row) => [...row]));
    return table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  }
}

const BLANK_EDGES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ mid: '', 'mid-mid': '', 'left-mid': '', 'right-mid': '' },
  ...{ left: '', right: '', middle: '  ' },
};

/** A progress that is drawn. */
interface Drawn extends Progress {
  above(line: string): void;
}

/** A bar hides the cursor, and a process that is ended meanwhile should not leave a terminal so. */
function untilEnd(progress: Progress): Progress {
  const stop = () => {
    taken();
    progress.stop();
  };
  const taken = atEnd(stop);
  return { ...progress, stop };
}

function bars(
  stream: NodeJS.WriteStream,
  { label, total, lanes }: { label: string; total: number; lanes: number },
): Drawn {
  // What was written over is drawn again, though nothing of it has changed.
  const options = { stream, hideCursor: true, clearOnComplete: true, forceRedraw: true };
  const all = new MultiBar(options, Presets.shades_grey);
  const format = `${label} {bar} {value}/{total}`;
  const alone = lanes === 1;
  const whole = all.create(total, 0, { detail: '' }, { format: alone ? `${format} {detail}` : format });
  const each = alone
    ? [whole]
    : Array.from({ length: lanes }, () => all.create(1, 0, { detail: '' }, { format: '  {detail}' }));
  // Its own timer alone would show of a short progress nothing.
  const draw = (change: () => void) => {
    change();
    all.update();
  };
  draw(() => {});
  return {
    // As many as there are images may come in a second, and the timer draws them.
    step: (detail = '') => whole.increment(1, { detail }),
    say: (detail, lane = 0) => draw(() => each[lane]!.update({ detail })),
    above: (line) => draw(() => all.log(`${line}\n`)),
    stop() {
      all.update();
      all.stop();
    },
  };
}

function lines(say: (line: string) => void, label: string, total: number): Progress {
  let done = 0;
  let said = 0;
  return {
    step(detail = '') {
      done++;
      const tenth = Math.floor((10 * done) / total);
      if (tenth > said) say(`${label} ${done}/${total} ${detail}`.trimEnd());
      said = Math.max(said, tenth);
    },
    say() {},
    stop() {},
  };
}
