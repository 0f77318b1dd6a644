import type { Sharp } from 'sharp';
import type { Extent } from '../../generator/problem.js';
import { fromCmyk } from './cmyk.js';
import { ImageError } from './errors.js';
import { framing } from './framing.js';
import { resample } from './resample.js';

/** A file's path, or its bytes. */
export type ImageSource = string | Uint8Array;

export interface DecodeOptions {
  /** Of the square, in pixels. */
  readonly side: number;
  /** Turns the image as its EXIF orientation says; left as it is stored unless given, as torchvision leaves it. */
  readonly upright?: boolean;
  /** An image of more pixels is refused before it takes memory, three bytes each; 179 million unless given, as PIL has it. */
  readonly mostPixels?: number;
}

const MOST_PIXELS = 178_956_970;

/**
 * Red, green and blue bytes [side,side,3] of an image, scaled and cropped as {@link framing} says by {@link resample}. As PIL
 * does, it takes an image's numbers for sRGB whatever its colour profile says, and drops transparency; of an animation it takes
 * the first picture.
 * @throws ImageError if the source is no image, or is cut off
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions): Promise<Uint8Array> {
  const { side } = options;
  const { pixels, height, width } = await decoded(source, options).catch((cause: unknown) =>
    unreadable(source, cause),
  );
  const { scaled, left, top } = framing({ height, width }, side);
  const rows = { from: height, to: scaled.height, start: top, count: side };
  const columns = { from: width, to: scaled.width, start: left, count: side };
  return resample(pixels, rows, columns);
}

interface Decoded extends Extent {
  readonly pixels: Uint8Array;
}

async function decoded(
  source: ImageSource,
  { upright = false, mostPixels = MOST_PIXELS }: DecodeOptions,
): Promise<Decoded> {
  const { default: sharp } = await import('sharp'); // here, since a program without images does well without
  const image = sharp(source, { failOn: 'error', ignoreIcc: true, limitInputPixels: mostPixels });
  if (upright) image.autoOrient();
  const { space } = await image.metadata();
  if (space === 'cmyk') {
    const inks = await rawOf(image.pipelineColourspace('cmyk').toColourspace('cmyk'), 4);
    return { ...inks, pixels: fromCmyk(inks.pixels) };
  }
  return rawOf(image.toColourspace('srgb').removeAlpha(), 3);
}

async function rawOf(image: Sharp, channels: number): Promise<Decoded> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== channels)
    throw new Error(`it has ${info.channels} channels where ${channels} were asked for`);
  return { pixels: data, height: info.height, width: info.width };
}

function unreadable(source: ImageSource, cause: unknown): never {
  throw new ImageError({
    code: 'image-unreadable',
    value: typeof source === 'string' ? source : `${source.length} bytes`,
    rule: `cannot be read as a picture: ${(cause as Error).message.split('\n', 1)[0]!}`,
    remedy: 'give a JPEG, PNG, WebP, AVIF, GIF or TIFF',
    cause,
  });
}
