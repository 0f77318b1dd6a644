import type { Parameters } from '../plan/builder.js';
import type { Constant } from '../plan/step.js';
import { size } from '../tensor.js';
import type { FittedWeights } from '../weights/model/fit_weights.js';

/** A linear layer or a convolution of patches, with what stands beside it. Names are those of checkpoints. */
export interface Fold {
  readonly layer: string;
  /** LayerNorm before it, whose scale and shift it takes over: of channels, or of each pixel of a patch. */
  readonly norm?: string;
  /** Factor of what it gives, [outer]. */
  readonly scale?: string;
}

/**
 * The parameters of a product that does what all of them do: with weight W [outer,inner], bias b, the norm's scale s and
 * shift t and a factor g,
 *
 *   g (W (s x + t) + b) = (g W s) x + g (W t + b)
 *
 * computed in float64 and rounded once. Weights [outer,C,side,side] of patches become rows of (dy, dx, channel).
 */
export function folded(weights: FittedWeights, { layer, norm, scale }: Fold): Parameters {
  const tensor = weights.tensor(`${layer}.weight`);
  const patch = patchOf(tensor.shape);
  const numbers = async (name: string | undefined) =>
    name === undefined ? undefined : weights.tensor(name).read();
  return {
    weight: constant(`${layer}.weight`, [patch.outer, patch.pixels * patch.channels], async () => {
      const factors = { columns: await numbers(norm && `${norm}.weight`), rows: await numbers(scale) };
      return foldedWeight(patch, await tensor.read(), factors);
    }),
    bias: constant(`${layer}.bias`, [patch.outer], async () => {
      const bias = await weights.tensor(`${layer}.bias`).read();
      const [shift, rows] = [await numbers(norm && `${norm}.bias`), await numbers(scale)];
      return foldedBias(bias, shift && multiplied(patch, await tensor.read(), shift), rows);
    }),
  };
}

/** Weight and bias as a checkpoint has them, in another shape where that is given: of a norm, or of a layer. */
export function unfolded(weights: FittedWeights, layer: string, shape?: readonly number[]): Parameters {
  const [weight, bias] = [weights.tensor(`${layer}.weight`), weights.tensor(`${layer}.bias`)];
  return {
    weight: constant(weight.name, shape ?? weight.shape, weight.read),
    bias: constant(bias.name, bias.shape, bias.read),
  };
}

/** Weights [K+P,C] and biases [2,C] of an oriented convolution and of the pointwise one whose map it reads: the taps' rows, then the planes'. */
export function joined(
  weights: FittedWeights,
  names: { readonly convolution: string; readonly pointwise: string },
): Parameters {
  const layers = [names.convolution, names.pointwise].map((name) => weights.tensor(`${name}.weight`));
  const biases = [names.convolution, names.pointwise].map((name) => weights.tensor(`${name}.bias`));
  const channels = biases[0]!.shape[0]!;
  const rows = layers.reduce((sum, { shape }) => sum + size(shape) / channels, 0);
  return {
    weight: constant(layers[0]!.name, [rows, channels], async () => {
      const parts = await Promise.all(layers.map(async (layer) => transposed(await layer.read(), channels)));
      const result = new Float32Array(rows * channels);
      result.set(parts[0]!);
      result.set(parts[1]!, parts[0]!.length);
      return result;
    }),
    bias: constant(biases[0]!.name, [2, channels], async () => {
      const result = new Float32Array(2 * channels);
      for (const [row, bias] of biases.entries()) result.set(await bias.read(), row * channels);
      return result;
    }),
  };
}

/** Of [C,R], [R,C]. */
function transposed(matrix: Float32Array, channels: number): Float32Array {
  const rows = matrix.length / channels;
  return matrix.map((_, i) => matrix[(i % channels) * rows + Math.floor(i / channels)]!);
}

/** A matrix [outer, pixels*channels] whose numbers lie as [outer, channels, pixels]. */
interface Patch {
  readonly outer: number;
  readonly channels: number;
  readonly pixels: number;
}

function patchOf([outer, channels, height = 1, width = 1]: readonly number[]): Patch {
  return { outer: outer!, channels: channels!, pixels: height * width };
}

interface Factors {
  /** One a channel. */
  readonly columns: Float32Array | undefined;
  readonly rows: Float32Array | undefined;
}

function foldedWeight({ outer, channels, pixels }: Patch, weight: Float32Array, { columns, rows }: Factors) {
  const result = new Float32Array(weight.length);
  for (let row = 0; row < outer; row++)
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let channel = 0; channel < channels; channel++) {
        const factor = (rows?.[row] ?? 1) * (columns?.[channel] ?? 1);
        result[(row * pixels + pixel) * channels + channel] =
          factor * weight[(row * channels + channel) * pixels + pixel]!;
      }
  return result;
}

function foldedBias(bias: Float32Array, added: Float64Array | undefined, rows: Float32Array | undefined) {
  return bias.map((value, row) => (rows?.[row] ?? 1) * (value + (added?.[row] ?? 0)));
}

/** The matrix times a vector that has one number a channel, the same for every pixel. */
function multiplied(
  { outer, channels, pixels }: Patch,
  weight: Float32Array,
  shift: Float32Array,
): Float64Array {
  const result = new Float64Array(outer);
  for (let row = 0; row < outer; row++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let pixel = 0; pixel < pixels; pixel++)
        sum += weight[(row * channels + channel) * pixels + pixel]! * shift[channel]!;
    result[row] = sum;
  }
  return result;
}

function constant(name: string, shape: readonly number[], read: Constant['read']): Constant {
  return Object.freeze<Constant>({ kind: 'constant', name, shape: Object.freeze([...shape]), read });
}
