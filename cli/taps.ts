import type { Command } from 'commander';
import { type TapSet, tapSet } from '../generator/taps.js';
import { writeAside } from './atomic.js';
import type { CliCommand } from './command.js';
import { assertOutput } from './output.js';
import { problemOption } from './problem_options.js';
import { pixelCount, tapSvg } from './tap_svg.js';
import { drawTaps } from './tap_text.js';
import type { Ui } from './ui.js';

interface TapsOptions {
  readonly kernel: number;
  readonly angle: number;
  readonly svg?: string;
}

/** `oriented1d taps`: which pixels a kernel reads at an angle, and which weights fall on each. */
export const taps: CliCommand<TapsOptions> = {
  define(command: Command): void {
    command
      .addOption(problemOption.kernel().makeOptionMandatory())
      .addOption(problemOption.angle().makeOptionMandatory())
      .option('--svg <file>', 'draw them into an SVG file')
      .addHelpText('after', '\nExample:\n  oriented1d taps --kernel 15 --angle 22.5');
  },

  async run({ kernel, angle, svg }, ui) {
    const set = tapSet(kernel, angle);
    const document = { kernel, angle, taps: set.taps };
    if (svg === undefined) return { document, text: describe(set, angle, ui) };
    if (ui.json) await assertOutput(svg);
    await writeAside(svg, tapSvg(set, angle));
    ui.note(`wrote ${svg}`);
    return { document, text: '' };
  },
};

function describe(set: TapSet, angle: number, ui: Ui): string {
  const { kernel, taps } = set;
  const folded = taps.filter(({ weights }) => weights.length > 1).length;
  const head = `K = ${kernel} at ${angle}°: ${pixelCount(set)}, ${folded} of them under several weights`;
  const rows = taps.map(({ dy, dx, weights }) => [dy, dx, weights.join(', ')]);
  const parts = [ui.paint.bold(head), drawTaps(set, ui), ui.table(['dy', 'dx', 'weights'], rows)];
  return parts.filter((part) => part !== undefined).join('\n\n');
}
