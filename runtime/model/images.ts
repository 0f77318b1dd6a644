import { requireFloats } from '../tensor.js';
import { ModelError } from './errors.js';

/** Images as a network takes them: brought to a mean of 0 and a deviation of 1, as it was trained. */
export interface Images {
  /** [N,3,H,W]; copied before the call returns its promise, so that it may be filled anew at once, unless it is {@link lent}. */
  readonly data: Float32Array;
  /** N. */
  readonly batch: number;
  /** Pixels. */
  readonly height: number;
  readonly width: number;
  /** That `data` is left alone until the promise resolves, which saves the copy. */
  readonly lent?: boolean;
}

/** Side of images whose numbers come alone, which is what the paper's models were trained on. */
const SIDE = 224;
const CHANNELS = 3;
/** Numbers of a call, of 4 TiB: more than any machine has, and few enough to be counted without rounding in all that follows. */
const MOST_NUMBERS = 2 ** 40;

/**
 * Images with their sizes, whose numbers nobody changes any more: a model may take a while to come to them.
 * @throws ModelError, DeviceError if the numbers are too many or too few
 */
export function imagesOf(given: Images | Float32Array): Images {
  if (!(given instanceof Float32Array)) return checked(given);
  const one = CHANNELS * SIDE * SIDE;
  if (given.length === 0 || given.length % one !== 0)
    throw new ModelError({
      code: 'images-length',
      value: `Float32Array(${given.length})`,
      rule: `numbers alone are images of ${CHANNELS}x${SIDE}x${SIDE}, ${one} numbers each`,
      remedy: 'give { data, batch, height, width } for images of another size',
    });
  return { data: new Float32Array(given), batch: given.length / one, height: SIDE, width: SIDE };
}

/** @throws ModelError if it is no number of images, or no size */
export function requireExtent(spec: Pick<Images, 'batch' | 'height' | 'width'>): void {
  for (const name of ['batch', 'height', 'width'] as const) {
    const value = spec?.[name];
    if (Number.isSafeInteger(value) && value >= 1 && value < 2 ** 24) continue;
    throw new ModelError({
      code: `images-${name}`,
      value,
      rule: `${name} of images must be a whole number from 1 to ${2 ** 24 - 1}`,
      remedy: 'give { data, batch, height, width }, data being [N,3,H,W]',
    });
  }
  const { batch, height, width } = spec;
  if (batch * CHANNELS * height * width > MOST_NUMBERS)
    throw new ModelError({
      code: 'images-numbers',
      value: `[${batch}, ${CHANNELS}, ${height}, ${width}]`,
      rule: `images have at most ${MOST_NUMBERS} numbers in all`,
      remedy: 'use a smaller batch, or smaller images',
    });
}

function checked(images: Images): Images {
  requireExtent(images);
  const { data, batch, height, width, lent } = images;
  requireFloats('images', data, [batch, CHANNELS, height, width]);
  return { data: lent ? data : new Float32Array(data), batch, height, width };
}
