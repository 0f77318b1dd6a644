import { basename, extname } from 'node:path';
import { type Command, Option } from 'commander';
import { PAPER_ANGLES } from '../generator/problem.js';
import type { CliCommand } from './command.js';
import { described, openDevice, ranOn } from './device.js';
import { CliError } from './errors.js';
import { drawSheet, readPhotograph } from './filtering.js';
import { assertOutputs } from './output.js';
import { publishedLibrary } from './published.js';
import { degreesList, kernel, whole } from './values.js';

interface FilterOptions {
  readonly kernel: number;
  readonly angles: readonly number[];
  readonly out: string;
  readonly threads?: number;
}

/** `oriented1d filter`: what oriented kernels make of a photograph. */
export const filter: CliCommand<FilterOptions> = {
  define(command: Command): void {
    const angles = new Option('--angles <list>', 'directions, in degrees')
      .argParser(degreesList)
      .default(PAPER_ANGLES, "the paper's eight");
    command
      .argument('<image>', 'PNG, JPEG, WebP, AVIF, GIF or TIFF')
      .addOption(new Option('--kernel <K>', 'number of taps, odd').argParser(kernel).makeOptionMandatory())
      .addOption(angles)
      .requiredOption('--out <sheet.png>', 'the contact sheet')
      .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
      .addHelpText(
        'after',
        '\nAt eight angles, a picture of more than four megapixels is scaled down to them first.\n\nExample:\n  oriented1d filter photo.jpg --kernel 31 --out sheet.png',
      );
  },

  async run({ kernel, angles, out, threads }, _ui, [file]) {
    requirePng(out);
    await assertOutputs([out], [file!]);
    const photograph = await readPhotograph(file!, kernel, angles);
    const { picture, problem } = photograph;
    const device = openDevice('cpu', threads);
    const convolution = await device.load(problem, { library: publishedLibrary() });
    await drawSheet(photograph, convolution, out);
    const { width, height } = picture;
    const { origin } = convolution;
    return {
      document: { out, width, height, kernel, angles, ...ranOn(device), origin },
      text: `wrote ${out}: a picture of ${width} x ${height} pixels at ${angles.join(', ')}°\nran ${described(origin, device)}`,
    };
  },
};

/** A name without an extension promises nothing. */
function requirePng(out: string): void {
  if (['', '.png'].includes(extname(out).toLowerCase())) return;
  throw new CliError({
    code: 'sheet-format',
    value: out,
    rule: 'the contact sheet is written as a PNG',
    remedy: `name it ${basename(out, extname(out))}.png`,
  });
}
