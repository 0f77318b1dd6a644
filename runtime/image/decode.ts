import { readFile, stat } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import type { Extent } from '../../generator/problem.js';
import { systemReason } from '../system_reason.js';
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
  requireSide(options?.side);
  const { side } = options;
  const bytes = typeof source === 'string' ? await bytesOf(source) : source;
  const { pixels, height, width } = await decoded(bytes, options, nameOf(source)).catch((cause: unknown) =>
    unreadable(source, cause),
  );
  const { scaled, left, top } = framing({ height, width }, side);
  const rows = { from: height, to: scaled.height, start: top, count: side };
  const columns = { from: width, to: scaled.width, start: left, count: side };
  return resample(pixels, rows, columns);
}

/** What is read at all, as sharp calls it; AVIF is a kind of HEIF. */
const FORMATS = ['jpeg', 'png', 'webp', 'heif', 'gif', 'tiff'];
/**
 * Of libvips, which are not even to see the head of a file: a drawing in SVG can take any time and memory. Named one by one,
 * since all share what is blocked with other threads: to block every loader and then unblock some would refuse what another
 * thread reads meanwhile.
 */
const UNREAD =
  'Analyze Csv DcRaw Fits Jp2k Jxl Magick Magick7 Mat Matrix Nifti Openexr Openslide Pdf Ppm Rad Raw Svg Uhdr Vips'
    .split(' ')
    .map((name) => `VipsForeignLoad${name}`);
/** No photograph takes as long to decode. */
const SECONDS = 30;

let opened: ReturnType<typeof restricted> | undefined;

async function restricted() {
  const { default: sharp } = await import('sharp'); // here, since a program without images does well without
  sharp.block({ operation: UNREAD });
  return sharp;
}

const MOST_SIDE = 2 ** 14;

function requireSide(side: number): void {
  if (Number.isSafeInteger(side) && side >= 1 && side <= MOST_SIDE) return;
  throw new ImageError({
    code: 'image-side',
    value: side,
    rule: `the side of an image must be a whole number of pixels from 1 to ${MOST_SIDE}`,
    remedy: 'use for example 224',
  });
}

/** Read here, since libvips keeps pictures by their files' names, and shows of some formats the old one where a file was replaced. */
async function bytesOf(path: string): Promise<Uint8Array> {
  const there = await stat(path).catch((cause: unknown) => unopened(path, cause));
  if (!there.isFile()) throw noFile(path, 'is no regular file'); // a pipe would be waited for
  return readFile(path).catch((cause: unknown) => unopened(path, cause));
}

function unopened(path: string, cause: unknown): never {
  throw noFile(path, `cannot be read: ${systemReason(cause)}`, cause);
}

function noFile(path: string, rule: string, cause?: unknown): ImageError {
  return new ImageError({
    code: 'image-unreadable',
    value: path,
    rule,
    remedy: 'name the file of an image',
    cause,
  });
}

interface Decoded extends Extent {
  readonly pixels: Uint8Array;
}

async function decoded(
  bytes: Uint8Array,
  { upright = false, mostPixels = MOST_PIXELS }: DecodeOptions,
  name: string,
): Promise<Decoded> {
  opened ??= restricted();
  const sharp = await opened;
  const options = { failOn: 'error', ignoreIcc: true } as const;
  // Of the head alone, which says how many pixels there are where sharp would say that they are too many.
  const { format, space, width, height } = await sharp(bytes, {
    ...options,
    limitInputPixels: false,
  }).metadata();
  if (!FORMATS.includes(format)) throw new Error(`it is of the format ${format}`);
  if (width * height > mostPixels) throw tooManyPixels(name, { width, height }, mostPixels);
  const image = sharp(bytes, { ...options, limitInputPixels: mostPixels });
  image.timeout({ seconds: SECONDS });
  if (upright) image.autoOrient();
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

function tooManyPixels(name: string, { width, height }: Extent, most: number): ImageError {
  return new ImageError({
    code: 'image-pixels',
    value: name,
    rule: `is of ${width}x${height}, ${width * height} pixels, and no more than ${most} are read`,
    remedy: 'scale it down first',
  });
}

function unreadable(source: ImageSource, cause: unknown): never {
  if (cause instanceof ImageError) throw cause;
  throw new ImageError({
    code: 'image-unreadable',
    value: nameOf(source),
    rule: `cannot be read as a picture: ${firstReason(cause as Error)}`,
    remedy: 'give a JPEG, PNG, WebP, AVIF, GIF or TIFF',
    cause,
  });
}

/** Of several lines the first; behind what sharp says of a head there may be nothing of libvips. */
function firstReason({ message }: Error): string {
  return message.split('\n', 1)[0]!.replace(/:\s*$/, '');
}

function nameOf(source: ImageSource): string {
  return typeof source === 'string' ? source : `${source.length} bytes`;
}
