import { ProblemError } from '../../generator/errors.js';
import {
  type Extent,
  type Filter,
  type Layout,
  PAPER_ANGLES,
  type Problem,
  problem,
} from '../../generator/problem.js';

/**
 * The ConvNeXt models of Kirchmeyer & Deng 2023, as far as their depthwise layers go: a *model* has depths and widths, a
 * *variant* says which of its convolutions are oriented. A *stem* makes features of a quarter of the image's size; four
 * *stages* of blocks follow, each at half the size and twice the channels of the one before.
 */
export const MODELS = ['tiny', 'base'] as const;
export const VARIANTS = ['1d', '1dpp', '2d', '2dpp'] as const;

export type ModelSize = (typeof MODELS)[number];
export type Variant = (typeof VARIANTS)[number];

/** Blocks and channels of the four stages. */
export interface Dimensions {
  readonly depths: readonly number[];
  readonly widths: readonly number[];
}

export const DIMENSIONS: Readonly<Record<ModelSize, Dimensions>> = Object.freeze({
  tiny: { depths: [3, 3, 9, 3], widths: [96, 192, 384, 768] },
  base: { depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024] },
});

/** Channels between the two oriented convolutions of a stem. */
export const STEM_WIDTH = 64;

/** Which convolutions of a variant are oriented, by their number of taps; null where none is. */
interface Orientation {
  /** Of both convolutions of the stem, at stride 2 each; without them it is one 4x4 convolution at stride 4. */
  readonly stem: number | null;
  /** Of a block's depthwise convolution, which is a {@link SQUARE} otherwise. */
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

/** Side of the square filters. */
const SQUARE = 7;

/**
 * A depthwise convolution of a model, with a bias [C]: an oriented one has weights [C,1,1,K] and a direction for every
 * channel, a square one weights [C,1,K,K].
 */
export interface DepthwiseLayer {
  readonly kind: 'depthwise-layer';
  /** As checkpoints name it: `downsample_layers.0.dw1`, `stages.2.5.dwconv`. */
  readonly name: string;
  readonly channels: number;
  readonly filter: Filter;
  readonly kernel: number;
  readonly stride: 1 | 2;
  /** Degrees, spread over the channels in order: from 0 on, or turned by 90. Empty of square filters. */
  readonly angles: readonly number[];
  /** Whether 1 is added to the centre tap. */
  readonly resid: boolean;
  /** Where its input is made: the image brought to 64 channels, the stem's first convolution, or a stage. */
  readonly input: 'image' | 'stem' | 0 | 1 | 2 | 3;
}

export type OrientedLayer = DepthwiseLayer & { readonly filter: 'line' };

export function isOriented(layer: DepthwiseLayer): layer is OrientedLayer {
  return layer.filter === 'line';
}

/** Every depthwise layer of a model, in the order in which an image meets them. */
export function depthwiseLayers(model: ModelSize, variant: Variant): readonly DepthwiseLayer[] {
  return layersOf(DIMENSIONS[model], variant, STEM_WIDTH);
}

/** The depthwise layers of a network of other depths and widths. */
export function layersOf(
  { depths, widths }: Dimensions,
  variant: Variant,
  stemWidth: number,
): readonly DepthwiseLayer[] {
  const blocks = depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, block) =>
      blockLayers({ stage, block, width: widths[stage]! }, variant),
    ).flat(),
  );
  return Object.freeze([...stemLayers(variant, stemWidth), ...blocks]);
}

/** The problem that a layer is for a batch of images of that size. @throws ProblemError if the image is too small */
export function layerProblem(
  layer: DepthwiseLayer,
  { variant, image, batch, layout }: { variant: Variant; image: Extent; batch: number; layout: Layout },
): Problem {
  const { channels, filter, kernel, stride, angles } = layer;
  const size = inputSize(layer, variant, image);
  return problem({ layout, ...size, stride, filter, kernel, angles, batch, channels });
}

function stemLayers(variant: Variant, channels: number): readonly DepthwiseLayer[] {
  const { stem } = ORIENTATIONS[variant];
  if (stem === null) return [];
  return [0, 1].map((i) =>
    Object.freeze<DepthwiseLayer>({
      kind: 'depthwise-layer',
      name: `downsample_layers.0.dw${i + 1}`,
      channels,
      filter: 'line',
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

function blockLayers({ stage, block, width }: Block, variant: Variant): readonly DepthwiseLayer[] {
  const { first, second } = ORIENTATIONS[variant];
  const layer = (name: string, channels: number, kernel: number | null): DepthwiseLayer =>
    Object.freeze({
      kind: 'depthwise-layer',
      name: `stages.${stage}.${block}.${name}`,
      channels,
      filter: kernel === null ? 'square' : 'line',
      kernel: kernel ?? SQUARE,
      stride: 1,
      angles: kernel === null ? [] : directions(block),
      resid: name === 'dwconv2',
      input: stage as 0 | 1 | 2 | 3,
    });
  if (second === null) return [layer('dwconv', width, first)];
  return [layer('dwconv1', width, first), layer('dwconv2', 4 * width, second)];
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
function inputSize({ input }: DepthwiseLayer, variant: Variant, image: Extent): Extent {
  const oriented = ORIENTATIONS[variant].stem !== null;
  const { height, width } = image;
  if (Math.min(height, width) < LEAST_PIXELS[oriented ? 'oriented' : 'patches'])
    throw tooSmall(image, oriented);
  if (input === 'image') return image;
  if (input === 'stem') return scaled(image, halfUp);
  const quarter = oriented ? scaled(scaled(image, halfUp), halfUp) : scaled(image, (n) => Math.floor(n / 4));
  return scaled(quarter, (n) => Math.floor(n / 2 ** input));
}

/** Sides of the smallest images that leave the last stage a pixel: its eighth of a quarter, which oriented stems round up. */
const LEAST_PIXELS = { oriented: 29, patches: 32 } as const;

function scaled({ height, width }: Extent, scale: (pixels: number) => number): Extent {
  return { height: scale(height), width: scale(width) };
}

function halfUp(pixels: number): number {
  return Math.ceil(pixels / 2);
}

function tooSmall({ height, width }: Extent, oriented: boolean): ProblemError {
  const least = LEAST_PIXELS[oriented ? 'oriented' : 'patches'];
  return new ProblemError({
    code: 'image-small',
    value: `${height}x${width}`,
    rule: `an image of this variant has at least ${least}x${least} pixels: of a smaller one nothing is left for the last stage`,
    remedy: `use for example ${least}x${least}, or 224x224 as the paper does`,
  });
}
