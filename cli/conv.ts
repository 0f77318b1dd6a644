import { type Command, Option } from 'commander';
import { type Layout, outputSize, type Problem, problem } from '../generator/problem.js';
import { dimensions } from '../runtime/tensor.js';
import { assertWritable, writeAside } from './atomic.js';
import type { CliCommand } from './command.js';
import { imagesShape, type NamedArray, requireBias, weightTaps } from './conv_arrays.js';
import { described, openDevice, ranOn } from './device.js';
import { CliError } from './errors.js';
import { encodeNpy, readNpy, shapeText } from './npy.js';
import { problemOption } from './problem_options.js';
import { publishedLibrary } from './published.js';
import type { Ui } from './ui.js';
import { built, whole } from './values.js';

interface ConvOptions {
  readonly op: 'fprop';
  readonly input: string;
  readonly weight: string;
  readonly bias?: string;
  readonly resid?: true;
  readonly angle?: number;
  readonly angles?: readonly number[];
  readonly stride: number;
  readonly output: string;
  readonly layout: Layout;
  readonly dtype: 'f32';
  readonly target: string;
  readonly threads?: number;
}

/** `oriented1d conv`: one convolution of arrays in files. */
export const conv: CliCommand<ConvOptions> = {
  define(command: Command): void {
    const op = built('the operation', ['fprop'], ['dgrad', 'wgrad']);
    const dtype = built('the element type', ['f32'], ['f16', 'bf16']);
    command
      .addOption(new Option('--op <op>', 'operation: fprop').argParser(op).default('fprop'))
      .requiredOption('--input <x.npy>', 'images, [N,C,H,W] or [N,H,W,C]')
      .requiredOption('--weight <w.npy>', 'weights, [C,K]')
      .option('--bias <b.npy>', 'bias, [C]')
      .option('--resid', 'add the input: 1 to the centre tap')
      .addOption(problemOption.angle().conflicts('angles'))
      .addOption(problemOption.angles())
      .addOption(problemOption.stride())
      .requiredOption('--output <y.npy>', 'where the result goes')
      .addOption(problemOption.layout().default('nchw'))
      .addOption(new Option('--dtype <type>', 'element type: f32').argParser(dtype).default('f32'))
      .option('--target <target>', 'cpu, or cpu:avx512, cpu:avx2, cpu:plain', 'cpu')
      .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
      .addHelpText(
        'after',
        '\nExample:\n  oriented1d conv --input x.npy --weight w.npy --angle 22.5 --output y.npy',
      );
  },

  async run(options, ui) {
    const { output, target, threads, resid = false } = options;
    await assertWritable(output);
    const input = await readArray(options.input, ui);
    const weight = await readArray(options.weight, ui);
    const bias = options.bias === undefined ? undefined : await readArray(options.bias, ui);
    const asked = askedProblem(options, input, weight);
    if (bias) requireBias(bias, asked.channels);

    const device = openDevice(target, threads);
    const convolution = await device.load(asked, { library: publishedLibrary() });
    const result = convolution.run({
      input: input.data,
      weight: weight.data,
      resid,
      ...(bias && { bias: bias.data }),
    });
    const shape = dimensions({ ...asked, ...outputSize(asked) });
    await writeAside(output, encodeNpy(shape, result));

    const { origin } = convolution;
    return {
      document: { output, shape, ...ranOn(device), origin },
      text: `wrote ${output}, float32 ${shapeText(shape)}\nran ${described(origin, device)}`,
    };
  },
};

async function readArray(file: string, ui: Ui): Promise<NamedArray> {
  const array = await readNpy(file);
  if (array.stored === 'float64') ui.note(`${file}: float64, rounded to float32`);
  return { ...array, file };
}

function askedProblem(options: ConvOptions, input: NamedArray, weight: NamedArray): Problem {
  const { op, layout, dtype, stride, angle } = options;
  const shape = imagesShape(input, layout);
  const angles = options.angles ?? (angle === undefined ? noDirection() : [angle]);
  return problem({ op, dtype, stride, angles, ...shape, kernel: weightTaps(weight, shape) });
}

function noDirection(): never {
  throw new CliError({
    code: 'angle-missing',
    value: '--angle',
    rule: 'a convolution needs a direction',
    remedy: 'add --angle DEG for all channels, or --angles for groups of channels',
  });
}
