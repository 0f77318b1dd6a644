import { OrientedError } from '../../generator/errors.js';

/** An image, or a folder of images, that cannot be used. */
export class ImageError extends OrientedError {
  readonly fault = 'user';
}
