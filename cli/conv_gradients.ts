import { type GradientOp, type Problem, problem } from '../generator/problem.js';
import type { Gradients } from '../runtime/gradient_tensors.js';
import { inputDimensions } from '../runtime/tensor.js';
import { writeAllAside } from './atomic.js';
import type { Outcome } from './command.js';
import { imagesShape, type NamedArray, readArray, requireGradient, weightKernel } from './conv_arrays.js';
import { type ConvOptions, commonOf } from './conv_options.js';
import { parameterFiles, requireSources } from './conv_source.js';
import { described, openDevice, ranOn } from './device.js';
import { encodeNpy, shapeText } from './npy.js';
import { assertOutputs } from './output.js';
import { requireChannels } from './problem_options.js';
import { publishedLibrary } from './published.js';
import type { Ui } from './ui.js';

/** One of the results: the gradient, where it goes and its dimensions. */
interface Place {
  readonly gradient: keyof Gradients;
  readonly file: string;
}

/** wgrad or backward of files, into a file for each gradient: all of them or none. @throws CliError, ProblemError, DeviceError */
export async function differentiateFiles(
  options: ConvOptions & { readonly op: GradientOp },
  ui: Ui,
): Promise<Outcome> {
  const { op, target, threads, resid = false } = options;
  requireSources(op, options);
  const places = placesOf(options);
  await assertOutputs(
    places.map(({ file }) => file),
    parameterFiles(options),
  );
  const input = await readArray(options.input, ui);
  const grad = await readArray(options.grad, ui);
  const weight = options.weight === undefined ? undefined : await readArray(options.weight, ui);
  const asked = askedProblem(options, { input, grad, weight });

  const device = openDevice(target, threads);
  const gradient = await device.loadGradient(asked, { library: publishedLibrary() });
  const results = gradient.run({
    input: input.data,
    grad: grad.data,
    ...(weight && { weight: weight.data, resid }),
  });
  const outputs = places.map((place) => {
    const isShaped = place.gradient === 'weightGrad' && weight;
    return { ...place, shape: isShaped ? weight.shape : dimensionsOf(place.gradient, asked) };
  });
  await writeAllAside(
    outputs.map(({ file, gradient, shape }) => ({
      path: file,
      content: encodeNpy(shape, results[gradient]!),
    })),
  );

  const { origin } = gradient;
  const wrote = outputs.map(({ file, shape }) => `wrote ${file}, float32 ${shapeText(shape)}`);
  return {
    document: { outputs, ...ranOn(device), origin },
    text: [...wrote, `ran ${described(origin, device)}`].join('\n'),
  };
}

/** --output is for what has its name from the operation: dw of wgrad, dx of backward. */
function placesOf({ op, output, weightOutput, biasOutput }: ConvOptions): readonly Place[] {
  return [
    { gradient: op === 'wgrad' ? 'weightGrad' : 'inputGrad', file: output },
    ...(weightOutput === undefined ? [] : [{ gradient: 'weightGrad', file: weightOutput } as const]),
    ...(biasOutput === undefined ? [] : [{ gradient: 'biasGrad', file: biasOutput } as const]),
  ];
}

interface Arrays {
  readonly input: NamedArray;
  readonly grad: NamedArray;
  readonly weight: NamedArray | undefined;
}

function askedProblem(options: ConvOptions, { input, grad, weight }: Arrays): Problem {
  const { layout, stride = 1 } = options;
  const images = imagesShape(input, layout, 'an input');
  requireGradient(grad, input, images, stride);
  const kernel = weight ? weightKernel(weight, images, options.kernel) : options.kernel!; // wgrad is told it
  const asked = problem({ ...commonOf(options, kernel), ...images });
  requireChannels(asked);
  return asked;
}

function dimensionsOf(gradient: keyof Gradients, asked: Problem): readonly number[] {
  switch (gradient) {
    case 'inputGrad':
      return inputDimensions(asked, asked.batch);
    case 'weightGrad':
      return asked.filter === 'square'
        ? [asked.channels, asked.kernel, asked.kernel]
        : [asked.channels, asked.kernel];
    case 'biasGrad':
      return [asked.channels];
    default:
      return gradient satisfies never;
  }
}
