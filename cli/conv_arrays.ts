import { type Extent, kernelText, type Layout, weightsOf } from '../generator/problem.js';
import { dimensions, type TensorShape } from '../runtime/tensor.js';
import { CliError } from './errors.js';
import { type NpyArray, readNpy, shapeText } from './npy.js';
import type { Ui } from './ui.js';
import type { KernelSize } from './values.js';

/** An array, and the file that it came from, for messages. */
export interface NamedArray extends NpyArray {
  readonly file: string;
}

/** @throws CliError if the file cannot be read or holds no such array */
export async function readArray(file: string, ui: Ui): Promise<NamedArray> {
  const array = await readNpy(file);
  if (array.stored === 'float64') ui.note(`${file}: float64, rounded to float32`);
  return { ...array, file };
}

const AXES = { nchw: '[N,C,H,W]', nhwc: '[N,H,W,C]' } as const satisfies Record<Layout, string>;

/**
 * What an input or a gradient says about the problem.
 * @param what its name in a sentence: `an input`
 * @throws CliError unless it is [N,C,H,W] or [N,H,W,C] as the layout says
 */
export function imagesShape({ file, shape }: NamedArray, layout: Layout, what: string): TensorShape {
  if (shape.length !== 4 || shape.includes(0))
    throw new CliError({
      code: shape.length === 4 ? 'input-empty' : 'input-rank',
      value: file,
      rule: `${what} is ${AXES[layout]} with --layout ${layout}, none of them 0; this one is ${shapeText(shape)}`,
      remedy: 'reshape it in NumPy, e.g. x[None] for a single image',
    });
  const [n, second, third, fourth] = shape as [number, number, number, number];
  return layout === 'nchw'
    ? { layout, batch: n, channels: second, height: third, width: fourth }
    : { layout, batch: n, height: second, width: third, channels: fourth };
}

/**
 * What a gradient says about the problem, with the size of what fprop has read.
 * @throws CliError unless fprop of such images at this stride writes what the gradient's size is
 */
export function sizedShape(
  { file }: NamedArray,
  gradient: TensorShape,
  { height, width }: Extent,
  stride: number,
): TensorShape {
  const fits = (size: number, written: number) => Math.ceil(size / stride) === written;
  if (fits(height, gradient.height) && fits(width, gradient.width)) return { ...gradient, height, width };
  const least = ({ height: h, width: w }: Extent) => `${(h - 1) * stride + 1}x${(w - 1) * stride + 1}`;
  const most = ({ height: h, width: w }: Extent) => `${h * stride}x${w * stride}`;
  const written = `${Math.ceil(height / stride)}x${Math.ceil(width / stride)}`;
  throw new CliError({
    code: 'size-gradient',
    value: `${height}x${width}`,
    rule: `fprop of this size writes ${written} at stride ${stride}, and the gradient in ${file} is ${gradient.height}x${gradient.width}`,
    remedy:
      stride === 1
        ? `use --size ${most(gradient)}`
        : `use a --size from ${least(gradient)} to ${most(gradient)}, or another --stride`,
  });
}

/** @throws CliError unless a gradient has the shape of what fprop of these images writes at this stride */
export function requireGradient(
  gradient: NamedArray,
  input: NamedArray,
  images: TensorShape,
  stride: number,
): void {
  const { height, width } = images;
  const written = { ...images, height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
  const expected = shapeText(dimensions(written));
  if (shapeText(gradient.shape) === expected) return;
  throw new CliError({
    code: 'gradient-shape',
    value: gradient.file,
    rule: `fprop of ${input.file} ${shapeText(input.shape)} writes ${expected} at stride ${stride}, and this gradient is ${shapeText(gradient.shape)}`,
    remedy: "give the gradient of that, fprop's own --stride, or the --layout of both arrays",
  });
}

/**
 * K, from weights [C,K] of lines, or [C,K,K] or [C,1,K,K] of squares; [C,K*K] are those of squares if that is said.
 * @param said what --kernel says
 * @throws CliError unless they are that for so many channels
 */
export function weightKernel(
  weight: NamedArray,
  input: TensorShape,
  said: KernelSize | undefined,
): KernelSize {
  requireRows(weight, input);
  const { file, shape } = weight;
  const [side, other] = shape.slice(-2) as [number, number];
  const found: KernelSize =
    shape.length > 2
      ? { filter: 'square', kernel: side }
      : said?.filter === 'square' && other === weightsOf(said)
        ? said
        : { filter: 'line', kernel: other };
  if (said === undefined || (said.filter === found.filter && said.kernel === found.kernel)) return found;
  throw new CliError({
    code: 'weight-kernel',
    value: file,
    rule: `weights of ${kernelText(said)} filters are not ${shapeText(shape)}`,
    remedy: 'leave --kernel out, or reshape them in NumPy, e.g. w.reshape(C, K, K)',
  });
}

/** @throws CliError unless weights are of filters, for as many channels as the input has */
function requireRows({ file, shape }: NamedArray, input: TensorShape): void {
  const isSquare =
    shape.at(-1) === shape.at(-2) && (shape.length === 3 || (shape.length === 4 && shape[1] === 1));
  if (shape.length !== 2 && !isSquare)
    throw new CliError({
      code: 'weight-rank',
      value: file,
      rule: `weights are [C,K], a row of taps for each channel, or [C,K,K] of square filters; these are ${shapeText(shape)}`,
      remedy: 'reshape them in NumPy, e.g. w.reshape(C, K)',
    });
  const { channels, layout } = input;
  if (shape[0] !== channels)
    throw new CliError({
      code: 'weight-channels',
      value: file,
      rule: `weights ${shapeText(shape)} are for ${shape[0]} channels, but ${AXES[layout]} = ${shapeText(dimensions(input))} has ${channels}`,
      remedy: `give a row for each channel, or the other --layout`,
    });
}

/** @throws CliError unless the bias is [C] */
export function requireBias({ file, shape }: NamedArray, channels: number): void {
  if (shape.length === 1 && shape[0] === channels) return;
  throw new CliError({
    code: 'bias-shape',
    value: file,
    rule: `a bias is [C], one number a channel, here (${channels},); this one is ${shapeText(shape)}`,
    remedy: 'reshape it in NumPy, or leave --bias out',
  });
}
