import { OPS, type Op, type Problem, problem } from '../../generator/problem.js';
import { noise } from '../../tuner/noise.js';
import { mulberry32 } from '../../tuner/random.js';
import { expectedOf, type Operands, VERIFIED_IMAGES } from '../../tuner/trial/operands.js';
import type { TensorSet } from '../../tuner/trial/tensors.js';
import { parametersOf } from '../parameters.js';

/** The first images of a stage's tensors; the rest of the batch repeats them. */
export interface FirstImages {
  readonly images: number;
  /** In the stage's layout. */
  readonly x: Float32Array;
  readonly dy: Float32Array;
  /** The same images in NHWC, in which references take a tenth of the time. */
  readonly nhwc: { readonly x: Float32Array; readonly dy: Float32Array };
}

/** @param layer any of the stage's, at stride 1, so that dy is as large as x */
export function firstImages(layer: Problem): FirstImages {
  const { batch, channels, height, width } = layer;
  const random = mulberry32(1);
  const images = Math.min(batch, VERIFIED_IMAGES);
  const made = () => noise(new Float32Array(images * channels * height * width), random);
  const nhwc = { x: made(), dy: made() };
  return Object.freeze({
    ...{ images, nhwc },
    x: inLayout(nhwc.x, layer, images),
    dy: inLayout(nhwc.dy, layer, images),
  });
}

/**
 * What the kernels of a layer must make of a stage's tensors, float64. Each reference is computed once: backward writes what
 * dgrad and wgrad do.
 * @param layer any operation of it
 */
export function layerOperands(
  layer: Problem,
  { images, x, dy, nhwc }: FirstImages,
): Readonly<Record<Op, Operands>> {
  const parameters = (op: Op) => parametersOf(problem({ ...layer, op }));
  const reference = (op: Op, read: Readonly<Record<string, Float32Array>>) =>
    expectedOf(problem({ ...layer, op, layout: 'nhwc' }), {
      ...{ parameters: parameters(op), images },
      read: read as TensorSet<Float32Array>,
    });
  const { output } = reference('fprop', { input: nhwc.x });
  const back = reference('backward', { input: nhwc.x, grad: nhwc.dy });
  const { weightGrad, biasGrad } = back;
  const inputGrad = inLayout(back.inputGrad, layer, images);
  const expected: Readonly<Record<Op, object>> = {
    fprop: { output: inLayout(output, layer, images) },
    dgrad: { output: inputGrad },
    wgrad: { weightGrad, biasGrad },
    backward: { inputGrad, weightGrad, biasGrad },
  };
  const operands = (op: Op): Operands => ({
    ...{ parameters: parameters(op), images },
    read: { input: op === 'dgrad' ? dy : x, grad: dy } as TensorSet<Float32Array>,
    expected: expected[op] as TensorSet<Float64Array>,
  });
  return Object.fromEntries(OPS.map((op) => [op, operands(op)])) as Record<Op, Operands>;
}

/** Images [N,H,W,C] in a layer's layout. */
function inLayout<T extends Float32Array | Float64Array>(
  nhwc: T,
  { layout, channels, height, width }: Problem,
  images: number,
): T {
  if (layout === 'nhwc') return nhwc;
  const pixels = height * width;
  const nchw = nhwc.slice() as T;
  for (let image = 0, at = 0; image < images; image++)
    for (let channel = 0; channel < channels; channel++)
      for (let pixel = 0; pixel < pixels; pixel++)
        nchw[at++] = nhwc[(image * pixels + pixel) * channels + channel]!;
  return nchw;
}
