import { type DecodeOptions, decodeImage, type ImageSource } from './decode.js';
import { imageElements, normalize } from './normalize.js';

/** An image as a network takes it, [3,side,side]: decoded, scaled, cropped and normalised. @throws ImageError */
export async function loadImage(
  source: ImageSource,
  options: DecodeOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const pixels = await decodeImage(source, options); // which checks the side
  const planes = new Float32Array(imageElements(options.side));
  normalize(pixels, planes, 0);
  return planes;
}
