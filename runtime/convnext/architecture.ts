import { ProblemError } from '../../generator/errors.js';
import { type Layout, PAPER_ANGLES, type Problem, problem } from '../../generator/problem.js';

/**
 * The ConvNeXt models of Kirchmeyer & Deng 2023, as far as their oriented layers go: a *model* has depths and widths, a
 * *variant* says which of its convolutions are oriented. A *stem* makes features of a quarter of the image's size; four
 * *stages* of blocks follow, each at half the size and twice the channels of the one before.
 */
export const MODELS = ['tiny', 'base'] as const;
export const VARIANTS = ['1d', '1dpp', '2d', '2dpp'] as const;

export type Model = (typeof MODELS)[number];
export type Variant = (typeof VARIANTS)[number];

/** Blocks and channels of the four stages. */
export interface Dimensions {
  readonly depths: readonly number[];
  readonly widths: readonly number[];
}

export const DIMENSIONS: Readonly<Record<Model, Dimensions>> = Object.freeze({
  tiny: { depths: [3, 3, 9, 3], widths: [96, 192, 384, 768] },
  base: { depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024] },
});

/** Channels between the two oriented convolutions of a stem. */
export const STEM_WIDTH = 64;

/** Which convolutions of a variant are oriented, by their number of taps; null where none is. */
interface Orientation {
  /** Of both convolutions of the stem, at stride 2 each; without them it is one 4x4 convolution at stride 4. */
  readonly stem: number | null;
  /** Of a block's depthwise convolution, which is 7x7 otherwise. */
  readonly first: number | null;
  /** Of another one inside the block, on four times the channels. */
  readonly second: number | null;
}

const ORIENTATIONS: Readonly<Record<Variant, Orientation>> = {
  '1d': { stem: 31, first: 31, second: null },
  '1dpp': { stem: 15, first: 15, second: 31 },
  '2d': { stem: null, first: null, second: null },
  '2dpp': { stem: null, first: null, second: 31 },
};

/** An oriented convolution of a model: weights [C,1,1,K], a bias [C], and a direction for every channel. */
export interface OrientedLayer {
  readonly kind: 'oriented-layer';
  /** As checkpoints name it: `downsample_layers.0.dw1`, `stages.2.5.dwconv`. */
  readonly name: string;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: 1 | 2;
  /** Degrees, spread over the channels in order: from 0 on, or turned by 90. */
  readonly angles: readonly number[];
  /** Whether 1 is added to the centre tap. */
  readonly resid: boolean;
  /** Where its input is made: the image brought to 64 channels, the stem's first convolution, or a stage. */
  readonly input: 'image' | 'stem' | 0 | 1 | 2 | 3;
}

/** Every oriented layer of a model, in the order in which an image meets them; none for 2d. */
export function orientedLayers(model: Model, variant: Variant): readonly OrientedLayer[] {
  return layersOf(DIMENSIONS[model], variant, STEM_WIDTH);
}

/** The same of a network of other depths and widths. */
export function layersOf(
  { depths, widths }: Dimensions,
  variant: Variant,
  stemWidth: number,
): readonly OrientedLayer[] {
  const blocks = depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, block) =>
      blockLayers({ stage, block, width: widths[stage]! }, variant),
    ).flat(),
  );
  return Object.freeze([...stemLayers(variant, stemWidth), ...blocks]);
}

/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** The problem that a layer is for a batch of images of that size. @throws ProblemError if the image is too small */
export function layerProblem(
  layer: OrientedLayer,
  { variant, image, batch, layout }: { variant: Variant; image: Size; batch: number; layout: Layout },
): Problem {
  const { channels, kernel, stride, angles } = layer;
  return problem({ layout, ...inputSize(layer, variant, image), stride, kernel, angles, batch, channels });
}

function stemLayers(variant: Variant, channels: number): readonly OrientedLayer[] {
  const { stem } = ORIENTATIONS[variant];
  if (stem === null) return [];
  return [0, 1].map((i) =>
    Object.freeze<OrientedLayer>({
      kind: 'oriented-layer',
      name: `downsample_layers.0.dw${i + 1}`,
      channels,
      kernel: stem,
      stride: 2,
      angles: directions(i),
      resid: false,
      input: i === 0 ? 'image' : 'stem',
    }),
  );
}

interface Block {
  readonly stage: number;
  readonly block: number;
  readonly width: number;
}

function blockLayers({ stage, block, width }: Block, variant: Variant): readonly OrientedLayer[] {
  const { first, second } = ORIENTATIONS[variant];
  const layer = (name: string, channels: number, kernel: number, resid: boolean): OrientedLayer =>
    Object.freeze({
      kind: 'oriented-layer',
      name: `stages.${stage}.${block}.${name}`,
      channels,
      kernel,
      stride: 1,
      angles: directions(block),
      resid,
      input: stage as 0 | 1 | 2 | 3,
    });
  return [
    ...(first === null ? [] : [layer(second === null ? 'dwconv' : 'dwconv1', width, first, false)]),
    ...(second === null ? [] : [layer('dwconv2', 4 * width, second, true)]),
  ];
}

/** The paper's eight, 180 * frac(n/8 + offset) degrees: the offset is 1/2 for every second block of a stage. */
function directions(block: number): readonly number[] {
  return block % 2 === 0 ? PAPER_ANGLES : TURNED;
}

const TURNED: readonly number[] = Object.freeze(PAPER_ANGLES.map((angle) => (angle + 90) % 180));

/**
 * Oriented convolutions at stride 2 give half the size, rounded up. Those between stages, and the 4x4 one, take whole
 * patches only.
 */
function inputSize({ input }: OrientedLayer, variant: Variant, image: Size): Size {
  if (input === 'image') return requirePixels(image, image);
  const oriented = ORIENTATIONS[variant].stem !== null;
  if (input === 'stem') return requirePixels(scaled(image, halfUp), image);
  const quarter = oriented ? scaled(scaled(image, halfUp), halfUp) : scaled(image, (n) => Math.floor(n / 4));
  return requirePixels(
    scaled(quarter, (n) => Math.floor(n / 2 ** input)),
    image,
  );
}

function scaled({ height, width }: Size, scale: (pixels: number) => number): Size {
  return { height: scale(height), width: scale(width) };
}

function halfUp(pixels: number): number {
  return Math.ceil(pixels / 2);
}

function requirePixels(size: Size, image: Size): Size {
  if (size.height >= 1 && size.width >= 1) return size;
  throw new ProblemError({
    code: 'image-small',
    value: `${image.height}x${image.width}`,
    rule: 'nothing is left of an image this small when it comes to the last stage, at a 32nd of its size',
    remedy: 'use an image of at least 32x32 pixels',
  });
}
