import sharp, { type OutputInfo, type Sharp } from 'sharp';
import type { Extent } from '../generator/problem.js';
import { CliError } from './errors.js';

/** A picture: red, green and blue bytes, row by row. */
export interface Picture extends Extent {
  readonly kind: 'picture';
  /** [H,W,3]. */
  readonly pixels: Uint8Array;
}

/**
 * Reads a picture upright, on white where it is transparent, in sRGB.
 * @param limit the most pixels to give; a larger picture is scaled down to them
 * @throws CliError if the file is no picture
 */
export async function readPicture(path: string, limit: number): Promise<Picture> {
  try {
    const image = sharp(path).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
    const { autoOrient } = await image.metadata();
    const scale = Math.sqrt(limit / (autoOrient.width * autoOrient.height));
    const fitted = scale < 1 ? image.resize(Math.max(1, Math.floor(autoOrient.width * scale))) : image;
    return picture(await fitted.raw().toBuffer({ resolveWithObject: true }));
  } catch (cause) {
    const reason = (cause as Error).message.split('\n', 1)[0]!;
    throw new CliError({
      code: 'image-unreadable',
      value: path,
      rule: `cannot be read as a picture: ${reason}`,
      remedy: 'name a PNG, JPEG, WebP, AVIF, GIF or TIFF file',
      cause,
    });
  }
}

/** The picture with a mirrored margin all around, so that what reads past its edge reads something like it. */
export async function mirrored(of: Picture, margin: number): Promise<Picture> {
  if (margin === 0) return of;
  const sides = { top: margin, bottom: margin, left: margin, right: margin };
  const extended = sharpOf(of).extend({ ...sides, extendWith: 'mirror' });
  return picture(await extended.raw().toBuffer({ resolveWithObject: true }));
}

export function sharpOf({ pixels, width, height }: Picture): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

function picture({ data, info }: { data: Buffer; info: OutputInfo }): Picture {
  if (info.channels !== 3) throw new Error(`it has ${info.channels} channels where three were asked for`);
  return { kind: 'picture', width: info.width, height: info.height, pixels: data };
}
