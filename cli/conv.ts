import { type Command, Option } from 'commander';
import { type Extent, LAYOUTS, type Layout, type Problem, problem } from '../generator/problem.js';
import { outputDimensions } from '../runtime/tensor.js';
import { writeAside } from './atomic.js';
import type { CliCommand } from './command.js';
import { imagesShape, type NamedArray, requireBias, sizedShape, weightTaps } from './conv_arrays.js';
import { type ConvOp, convSource } from './conv_source.js';
import { described, openDevice, ranOn } from './device.js';
import { CliError } from './errors.js';
import { encodeNpy, readNpy, shapeText } from './npy.js';
import { assertOutput } from './output.js';
import { problemOption, requireChannels } from './problem_options.js';
import { publishedLibrary } from './published.js';
import type { Ui } from './ui.js';
import { built, extent, whole } from './values.js';

interface ConvOptions {
  readonly op: ConvOp;
  readonly input?: string;
  readonly grad?: string;
  readonly size?: Extent;
  readonly weight: string;
  readonly bias?: string;
  readonly resid?: true;
  readonly angle?: number;
  readonly angles?: readonly number[];
  readonly stride?: number;
  readonly output: string;
  readonly layout: Layout;
  readonly dtype: 'f32';
  readonly target: string;
  readonly threads?: number;
}

/** `oriented1d conv`: one convolution of arrays in files. */
export const conv: CliCommand<ConvOptions> = {
  define(command: Command): void {
    const op = built('the operation', ['fprop', 'dgrad'], ['wgrad']);
    const dtype = built('the element type', ['f32'], ['f16', 'bf16']);
    command
      .addOption(
        new Option('--op <op>', 'operation: fprop, or dgrad, the gradient of its input')
          .argParser(op)
          .default('fprop'),
      )
      .option('--input <x.npy>', 'fprop: images, [N,C,H,W] or [N,H,W,C]')
      .option('--grad <dy.npy>', "dgrad: gradient of fprop's output, in the output's shape")
      .addOption(
        new Option('--size <HxW>', "dgrad: height and width of fprop's input, and of the result").argParser(
          extent,
        ),
      )
      .requiredOption('--weight <w.npy>', 'weights, [C,K]')
      .option('--bias <b.npy>', 'fprop: bias, [C]')
      .option('--resid', 'add the input: 1 to the centre tap')
      .addOption(problemOption.angle().conflicts('angles'))
      .addOption(problemOption.angles())
      .addOption(problemOption.stride())
      .requiredOption('--output <y.npy>', 'where the result goes')
      .addOption(imagesLayout())
      .addOption(new Option('--dtype <type>', 'element type: f32').argParser(dtype).default('f32'))
      .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, or cuda', 'cpu')
      .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
      .addHelpText(
        'after',
        '\nExamples:\n  oriented1d conv --input x.npy --weight w.npy --angle 22.5 --output y.npy\n  oriented1d conv --op dgrad --grad dy.npy --weight w.npy --size 56x56 --angle 22.5 --output dx.npy',
      );
  },

  async run(options, ui) {
    const { output, target, threads, resid = false } = options;
    const source = convSource(options);
    await assertOutput(output);
    const input = await readArray(source.file, ui);
    const weight = await readArray(options.weight, ui);
    const bias = options.bias === undefined ? undefined : await readArray(options.bias, ui);
    const asked = askedProblem(options, input, source.size, weight);
    if (bias) requireBias(bias, asked.channels);

    const device = openDevice(target, threads);
    const convolution = await device.load(asked, { library: publishedLibrary() });
    const result = convolution.run({
      input: input.data,
      weight: weight.data,
      resid,
      ...(bias && { bias: bias.data }),
    });
    const shape = outputDimensions(asked, asked.batch);
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

/** Not nhwc as elsewhere: PyTorch's arrays are nchw. */
function imagesLayout(): Option {
  return new Option('--layout <layout>', "order of the arrays' dimensions, PyTorch's unless given")
    .choices(LAYOUTS)
    .default('nchw', 'nchw; other commands: nhwc');
}

function askedProblem(
  options: ConvOptions,
  input: NamedArray,
  size: Extent | undefined,
  weight: NamedArray,
): Problem {
  const { op, layout, dtype, stride = 1, angle } = options;
  const read = imagesShape(input, layout, size === undefined ? 'an input' : 'a gradient');
  const shape = size === undefined ? read : sizedShape(input, read, size, stride);
  const angles = options.angles ?? (angle === undefined ? noDirection() : [angle]);
  const asked = problem({ op, dtype, stride, angles, ...shape, kernel: weightTaps(weight, read) });
  requireChannels(asked);
  return asked;
}

function noDirection(): never {
  throw new CliError({
    code: 'angle-missing',
    value: '--angle',
    rule: 'a convolution needs a direction',
    remedy: 'add --angle DEG for all channels, or --angles for groups of channels',
  });
}
