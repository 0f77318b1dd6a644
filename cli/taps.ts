import type { Command } from 'commander';
import { squareTapSet, type TapSet, tapSet } from '../generator/taps.js';
import { writeAside } from './atomic.js';
import type { CliCommand } from './command.js';
import { CliError } from './errors.js';
import { assertOutput } from './output.js';
import { problemOption } from './problem_options.js';
import { pixelCount, tapSvg } from './tap_svg.js';
import { drawTaps, tapTitle } from './tap_text.js';
import type { Ui } from './ui.js';
import type { KernelSize } from './values.js';

interface TapsOptions {
  readonly kernel: KernelSize;
  readonly angle?: number;
  readonly svg?: string;
}

/** `oriented1d taps`: which pixels a kernel reads, at an angle if it is a line, and which weights fall on each. */
export const taps: CliCommand<TapsOptions> = {
  define(command: Command): void {
    command
      .addOption(problemOption.kernel().makeOptionMandatory())
      .addOption(problemOption.angle())
      .option('--svg <file>', 'draw them into an SVG file')
      .addHelpText(
        'after',
        '\nExamples:\n  oriented1d taps --kernel 15 --angle 22.5\n  oriented1d taps --kernel 7x7',
      );
  },

  async run({ kernel, angle, svg }, ui) {
    const degrees = directionOf(kernel, angle);
    const set = degrees === undefined ? squareTapSet(kernel.kernel) : tapSet(kernel.kernel, degrees);
    const document = {
      kernel: kernel.kernel,
      ...(degrees === undefined ? { filter: 'square' } : { angle: degrees }),
      taps: set.taps,
    };
    if (svg === undefined) return { document, text: describe(set, degrees, ui) };
    if (ui.json) await assertOutput(svg);
    await writeAside(svg, tapSvg(set, degrees));
    ui.note(`wrote ${svg}`);
    return { document, text: '' };
  },
};

/** @throws CliError if a line has none, or a square has one */
function directionOf({ filter, kernel }: KernelSize, angle: number | undefined): number | undefined {
  if ((filter === 'square') === (angle === undefined)) return angle;
  throw new CliError(
    filter === 'square'
      ? {
          code: 'angles-square',
          value: angle,
          rule: 'a square filter has no direction',
          remedy: `leave --angle out, or use --kernel ${kernel}`,
        }
      : {
          code: 'angle-missing',
          value: '--angle',
          rule: 'a line of taps has a direction',
          remedy: `add for example --angle 22.5, or use --kernel ${kernel}x${kernel}`,
        },
  );
}

function describe(set: TapSet, degrees: number | undefined, ui: Ui): string {
  const { taps } = set;
  const folded = taps.filter(({ weights }) => weights.length > 1).length;
  const head = `${tapTitle(set, degrees)}: ${pixelCount(set)}, ${folded} of them under several weights`;
  const rows = taps.map(({ dy, dx, weights }) => [dy, dx, weights.join(', ')]);
  const parts = [ui.paint.bold(head), drawTaps(set, ui), ui.table(['dy', 'dx', 'weights'], rows)];
  return parts.filter((part) => part !== undefined).join('\n\n');
}
