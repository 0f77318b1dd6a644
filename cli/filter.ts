import { type Command, Option } from 'commander';
import { PAPER_ANGLES } from '../generator/problem.js';
import { tapSet } from '../generator/taps.js';
import { assertWritable, writeAside } from './atomic.js';
import type { CliCommand } from './command.js';
import { described, openDevice, ranOn } from './device.js';
import { CliError } from './errors.js';
import type { Picture } from './image.js';
import { problemOption } from './problem_options.js';
import { publishedLibrary } from './published.js';
import { degreesList, whole } from './values.js';

interface FilterOptions {
  readonly kernel: number;
  readonly angles: readonly number[];
  readonly out: string;
  readonly threads?: number;
}

/** Floats of the largest input, all angles together: a larger picture is scaled down first. */
const LARGEST_INPUT = 96e6;

/** `oriented1d filter`: what oriented kernels make of a photograph. */
export const filter: CliCommand<FilterOptions> = {
  name: 'filter',
  summary: 'smooth a picture along each direction, into a contact sheet',

  define(command: Command): void {
    const angles = new Option('--angles <list>', 'directions, in degrees')
      .argParser(degreesList)
      .default(PAPER_ANGLES, "the paper's eight");
    command
      .argument('<image>', 'PNG, JPEG, WebP, AVIF, GIF or TIFF')
      .addOption(problemOption.kernel().makeOptionMandatory())
      .addOption(angles)
      .requiredOption('--out <sheet.png>', 'the contact sheet')
      .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
      .addHelpText(
        'after',
        '\nAt eight angles, a picture of more than four megapixels is scaled down to them first.\n\nExample:\n  oriented1d filter photo.jpg --kernel 31 --out sheet.png',
      );
  },

  async run({ kernel, angles, out, threads }, _ui, [file]) {
    await assertWritable(out);
    // Loaded here, since they take longer to load than other commands take to run.
    const { mirrored, readPicture } = await import('./image.js');
    const { contactSheet } = await import('./sheet.js');
    const { smooth, smoothingProblem } = await import('./smooth.js');

    const picture = await readPicture(file!, LARGEST_INPUT / (3 * angles.length));
    requireLonger(picture, kernel);
    const margin = Math.floor(kernel / 2);
    const framed = await mirrored(picture, margin);
    const device = openDevice('cpu', threads);
    const asked = smoothingProblem(framed, kernel, angles);
    const convolution = await device.load(asked, { library: publishedLibrary() });
    const smoothed = await smooth(convolution, framed, margin);

    const tiles = smoothed.map((one, n) => ({
      picture: one,
      label: `${angles[n]}°`,
      taps: tapSet(kernel, angles[n]!),
    }));
    const title = `Smoothed along a line of K = ${kernel}`;
    await writeAside(out, await contactSheet(title, [{ picture, label: 'original' }, ...tiles]));
    const { width, height } = picture;
    const { origin } = convolution;
    return {
      document: { out, width, height, kernel, angles, ...ranOn(device), origin },
      text: `wrote ${out}: ${width} x ${height} pixels at ${angles.join(', ')}°\nran ${described(origin, device)}`,
    };
  },
};

function requireLonger({ height, width }: Picture, kernel: number): void {
  if (kernel <= Math.max(height, width)) return;
  throw new CliError({
    code: 'kernel-longer',
    value: kernel,
    rule: `the kernel is longer than the picture, ${width} x ${height} pixels`,
    remedy: 'use a shorter kernel, or a larger picture',
  });
}
