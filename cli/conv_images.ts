import { type Problem, problem } from '../generator/problem.js';
import { outputDimensions } from '../runtime/tensor.js';
import { writeAside } from './atomic.js';
import type { Outcome } from './command.js';
import {
  imagesShape,
  type NamedArray,
  readArray,
  requireBias,
  sizedShape,
  weightKernel,
} from './conv_arrays.js';
import { type ConvOptions, commonOf } from './conv_options.js';
import { parameterFiles, requireSources } from './conv_source.js';
import { described, openDevice, ranOn } from './device.js';
import { encodeNpy, shapeText } from './npy.js';
import { assertOutputs } from './output.js';
import { requireChannels } from './problem_options.js';
import { publishedLibrary } from './published.js';
import type { Ui } from './ui.js';

/** fprop or dgrad of files: images or their gradient, into one file. @throws CliError, ProblemError, DeviceError */
export async function convolveFiles(
  options: ConvOptions & { readonly op: 'fprop' | 'dgrad' },
  ui: Ui,
): Promise<Outcome> {
  const { op, output, target, threads, resid = false } = options;
  requireSources(op, options);
  await assertOutputs([output], parameterFiles(options));
  const input = await readArray(op === 'fprop' ? options.input! : options.grad!, ui);
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
  const shape = outputDimensions(asked, asked.batch);
  await writeAside(output, encodeNpy(shape, result));

  const { origin } = convolution;
  return {
    document: { output, shape, ...ranOn(device), origin },
    text: `wrote ${output}, float32 ${shapeText(shape)}\nran ${described(origin, device)}`,
  };
}

function askedProblem(options: ConvOptions, input: NamedArray, weight: NamedArray): Problem {
  const { layout, size, stride = 1 } = options;
  const read = imagesShape(input, layout, size === undefined ? 'an input' : 'a gradient');
  const shape = size === undefined ? read : sizedShape(input, read, size, stride);
  const asked = problem({ ...commonOf(options, weightKernel(weight, read, options.kernel)), ...shape });
  requireChannels(asked);
  return asked;
}
